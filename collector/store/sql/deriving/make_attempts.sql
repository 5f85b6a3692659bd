-- The same, each with the number of its attempt. An invocation id is that of all its retries, which
-- follow each other; sources may lack lines. A START begins an attempt unless a span or REPORT
-- covers it, or it is told twice (within 0.5 s). A span belongs to the REPORT or the START (within
-- 30 s) that no other span followed; a REPORT to the START no other REPORT followed, or to the span
-- that ended within 0.5 s. Executions of one id that overlap are apart where all name their
-- environment.
create temp table attempts as
with placed as (
    select
        *,
        if(bool_and(environment_id is not null) over (partition by "key"), environment_id, null)
            as place
    from parts
    where "key" not in (select "key" from alone)
),
looked_back as (
    select
        *,
        max(if(kind = 0, end_ns, null)) over before as span_end,
        max(if(kind = 3, end_ns, null)) over before as report_end,
        max(if(kind = 3, begin_ns, null)) over before as report_begin,
        max(if(kind = 1, begin_ns, null)) over before as started,
        row_number() over (partition by "key", place order by begin_ns, kind, end_ns, main.span_id) = 1
            as first_one
    from placed
    window before as (
        partition by "key", place order by begin_ns, kind, end_ns, main.span_id
        rows between unbounded preceding and 1 preceding
    )
),
begun as (
    select
        *,
        first_one or case kind
            when 1 then
                begin_ns >= coalesce(span_end, -1) and begin_ns >= coalesce(report_end, -1)
                and begin_ns - coalesce(started, -1) > 500_000_000
            when 0 then
                begin_ns > coalesce(span_end, -1)
                and not coalesce(
                    report_begin >= coalesce(span_end, -1) and begin_ns <= report_end, false
                )
                and not coalesce(
                    started >= coalesce(span_end, -1) and started >= coalesce(report_end, -1)
                    and begin_ns - started <= 30_000_000_000, false
                )
            when 3 then
                begin_ns > coalesce(report_end, -1)
                and not coalesce(
                    started >= coalesce(report_end, -1) and begin_ns - started <= 30_000_000_000,
                    false
                )
                and not coalesce(
                    span_end >= coalesce(report_end, -1) and begin_ns - span_end <= 500_000_000,
                    false
                )
            else false
        end as begins
    from looked_back
)
select
    *,
    sum(begins::integer) over (
        partition by "key", place order by begin_ns, kind, end_ns, main.span_id
    )::smallint as number
from begun
