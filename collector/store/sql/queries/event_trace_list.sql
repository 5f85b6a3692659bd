-- One page of the event traces that began in [$since_ns, $until_ns) and match, greatest rank first.
-- $ids: those a search by attributes found; $text: a piece of a name, or one of $text_ids.
with matching as (
    select
        event_trace_id,
        case $sort
            when 'duration' then end_ns - start_ns
            when 'wait' then coalesce(queue_wait_ns, -1)
            when 'retries' then retry_count
            when 'spans' then span_count
            else start_ns
        end as rank
    from matching_event_traces(
        $since_ns, $until_ns, $functions, $status, $cold, $retried, $duplicate, $dead_lettered,
        $min_duration_ns, $max_duration_ns, $min_wait_ns, $correlation_id, $shape_id, $ids, $text,
        $text_ids
    )
),
page as (
    select event_trace_id, rank
    from matching
    where $before_rank::bigint is null
       or (rank, event_trace_id) < ($before_rank::bigint, $before_id::ubigint)
    order by rank desc, event_trace_id desc
    limit $limit
)
select
    event_traces.*, page.rank
from event_traces join page using (event_trace_id)
where start_ns >= $since_ns and start_ns < $until_ns
order by page.rank desc, event_trace_id desc
