-- One row per function that event traces of [$since_ns, $until_ns) began with: of those whose outcome
-- is decided, how many are good. Good: they ended well, or, with $reach (a pattern of LIKE), a function
-- of that name had begun work, and not later than $within_ns after the start where that is given. An
-- event trace that is not good yet is undecided while it is open and its time is not over at $now_ns.
with told as (
    select
        event_trace_id, coalesce(root_function, '') as root_function, status, start_ns,
        end_ns - start_ns as duration_ns
    from listed_event_traces
    where start_ns >= $since_ns and start_ns < $until_ns
),
reached as (
    select event_trace_id, min(start_ns) as reached_ns
    from fragments
    where $reach::varchar is not null
      and start_ns >= $since_ns
      and start_ns < $until_ns + coalesce($within_ns::bigint, 86_400_000_000_000)
      and function like $reach escape '\'
    group by event_trace_id
),
judged as (
    select
        root_function,
        case
            when $reach::varchar is not null
                then reached_ns is not null
                    and coalesce(reached_ns - told.start_ns <= $within_ns::bigint, true)
            else status = 'ok' and coalesce(duration_ns <= $within_ns::bigint, true)
        end as good,
        case
            when $within_ns::bigint is not null then $now_ns < told.start_ns + $within_ns::bigint
            else status = 'open'
        end as undecided
    from told left join reached using (event_trace_id)
)
select
    root_function,
    count(*) filter (good) as good,
    count(*) filter (good or not undecided) as total
from judged
group by root_function
order by root_function
