-- One row per function that handled something again, in event traces of [$since_ns, $until_ns): how
-- often the same message (kind 3, received) or request (kind 4: by its attempts) came to it once more.
-- How often work was repeated that had succeeded is told of event traces as a whole: of those in which
-- it handled something again, no more than it did; unsure are those of which nothing tells whose they
-- were. With the newest event traces of each.
with troubled as (
    select event_trace_id, start_ns, functions, retry_count, duplicate_count
    from listed_event_traces
    where start_ns >= $since_ns and start_ns < $until_ns
      and (retry_count > 0 or duplicate_count > 0)
),
parts as (
    select fragment_id, function, troubled.* exclude (functions)
    from fragments join troubled using (event_trace_id)
    where function is not null
),
handled as (
    select
        event_trace_id, parts.function, "key", any_value(parts.start_ns) as start_ns,
        any_value(retry_count) as most_retries, any_value(duplicate_count) as most_duplicates,
        if(any_value(kind) = 3, count(distinct fragment_id), max(attempt)) as times
    from fragment_keys join parts using (fragment_id)
    where ((kind = 3 and role = 2) or (kind = 4 and role <> 1)) and not dead_letter
    group by event_trace_id, parts.function, "key"
    having times > 1
),
-- One attempt may hold several keys: those of an event trace and function count once.
counted as (
    select
        event_trace_id, function, any_value(start_ns) as start_ns,
        least(max(times) - 1, any_value(most_retries)) as retries,
        least(max(times) - 1, any_value(most_duplicates)) as duplicates
    from handled
    group by event_trace_id, function
),
told as (
    select event_trace_id, function, start_ns, retries, duplicates, 0 as unsure from counted
    union all
    select event_trace_id, unnest(list_distinct(functions)), start_ns, 0, 0, duplicate_count
    from troubled
    where duplicate_count > 0
      and event_trace_id not in (select event_trace_id from counted where duplicates > 0)
)
select
    function,
    sum(retries)::bigint as retries,
    sum(duplicates)::bigint as duplicates,
    sum(unsure)::bigint as unsure,
    list_transform(
        max_by(event_trace_id, start_ns, 3) filter (retries > 0),
        lambda id: format('{:016x}', id)
    ) as retried_ids,
    list_transform(
        max_by(event_trace_id, start_ns, 3) filter (duplicates > 0),
        lambda id: format('{:016x}', id)
    ) as duplicated_ids
from told
group by function
order by function
limit $limit
