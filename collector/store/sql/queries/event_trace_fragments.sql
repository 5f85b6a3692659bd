-- The fragments of an event trace, and the others of the traces these lie in, for how far they reach;
-- of those of log records that name no trace also under which hash their records are found again.
with mine as (
    select trace_id, fragment_id, run, part
    from fragments
    where run >= $first_run and event_trace_id = $event_trace_id
),
homes as (
    select fragment_id, min("key") as home
    from fragment_keys
    where kind = 0
      and run in (select run from mine where part = 5)
      and fragment_id in (select fragment_id from mine where part = 5)
    group by fragment_id
)
select
    fragments.fragment_id, replace(trace_id::varchar, '-', '') as trace_id, part, start_ns, end_ns,
    coalesce(event_trace_id = $event_trace_id, false) as own, home
from fragments left join homes on homes.fragment_id = fragments.fragment_id
where run >= $first_run
  and (event_trace_id = $event_trace_id or trace_id in (select trace_id from mine))
order by start_ns, fragments.fragment_id
