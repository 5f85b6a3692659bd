-- One row per fragment and function that handled a message again, of event traces going on in
-- [since, before) that had retries or duplicates: fate 2 it failed again, 3 it succeeded at what had
-- succeeded before.
create or replace macro repeat_fates(since, before) as table
with repeated as (
    select event_trace_id
    from event_traces
    where (retry_count > 0 or duplicate_count > 0) and end_ns >= since and start_ns < before
),
handled as (
    select
        fragment_id, keys.function, outcome,
        count(*) over earlier as before_it,
        coalesce(bool_or(outcome = 1) over earlier, false) as done_before
    from fragment_keys as keys
    where kind = 3 and role = 2
      and fragment_id in (
          select fragment_id from fragments
          where event_trace_id in (select event_trace_id from repeated)
      )
    window earlier as (
        partition by "key", keys.function order by time_ns, fragment_id
        rows between unbounded preceding and 1 preceding
    )
)
select
    fragment_id, function,
    max(case when outcome = 1 and done_before then 3 when outcome = 2 and before_it > 0 then 2 end)
        as fate
from handled
group by fragment_id, function
having fate is not null
