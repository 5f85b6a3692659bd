-- One row per function and error with which event traces of these queues ended dead-lettered, and how
-- event traces through the same queues that began since have ended.
with found as (
    select *
    from dead_letter_errors($since_ns, $until_ns)
    where list_has_any(queues, $queues::varchar[])
),
grouped as (
    select
        error, function, count(*) as amount,
        min(failed_ns) as first_ns, max(failed_ns) as last_ns, min(start_ns) as sent_ns,
        list(event_trace_id order by start_ns desc)[:5] as examples
    from found
    group by error, function
),
since as (
    select start_ns, status, functions
    from event_traces
    where start_ns >= (select min(last_ns) from grouped)
      and status in ('ok', 'error', 'dead_lettered')
      and list_has_any(path, list_transform($queues::varchar[], lambda each: '[' || each || ']'))
)
select
    error, function, amount, first_ns, last_ns, sent_ns,
    count(*) filter (status = 'ok') as passed,
    count(*) filter (status in ('error', 'dead_lettered')) as failed,
    list_transform(examples, lambda each: format('{:016x}', each)) as examples
from grouped left join since
    on since.start_ns > grouped.last_ns
    and (grouped.function is null or list_contains(since.functions, grouped.function))
group by error, function, amount, first_ns, last_ns, sent_ns, examples
order by amount desc, error, function
limit $limit
