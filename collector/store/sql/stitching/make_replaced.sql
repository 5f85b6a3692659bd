-- The stored fragments of what got records: they are made anew.
create or replace temp table replaced as
select fragment_id, trace_id, event_trace_id, first_seq, run
from fragments
where run > $floor_seq
  and (
    trace_id in (select trace_id from dirty_traces)
    or (part = 5 and fragment_id in (
        select fragment_id
        from fragment_keys
        where run > $floor_seq and kind = 0 and "key" in (select home from dirty_logs)
    ))
  )
