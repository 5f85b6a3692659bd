-- What each span tells of what it handles: how that ended, and what it does with messages it names:
-- 1 sends, 2 handles, 0 only fetches them.
create temp view told as
with failing as (
    select distinct trace_id, function
    from read_spans
    where failed and kind in (2, 5) and function is not null
),
acts as (
    select
        name,
        regexp_matches(
            lower(name), '(^|[^a-z])(send|publish|produce|enqueue|emit|create|dispatch)'
        ) as sends,
        regexp_matches(
            lower(name),
            '(^|[^a-z])(receive|poll|fetch|pull|settle|ack|complete|abandon|delete)'
        ) as fetches,
        regexp_matches(lower(name), '(^|[^a-z])(process|handle|consume|deliver)') as handles
    from (select distinct name from read_spans)
)
select
    trace_id, span_id, kind, start_ns, end_ns, function, invocation_id, message_id, destination,
    correlation_id, family, attempt,
    greatest(start_ns, coalesce(end_ns, start_ns)) as until_ns,
    case
        when failed or failing.function is not null then 2
        when end_ns is null then 0
        else 1
    end as outcome,
    case
        when kind = 4 then 1
        when kind in (2, 5) then 2
        when kind = 3 then if(fetches and not sends, 0, 1)
        else if(sends and not handles, 1, 2)
    end as message_role
from read_spans
left join failing using (trace_id, function)
left join acts using (name)
