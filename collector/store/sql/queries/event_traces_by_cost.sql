-- One page of the event traces that began in [$since_ns, $until_ns) and match, the dearest first: by
-- what of them began in the window or until $reach_ns, in 1e-12 USD; -1 where nothing tells. $ids:
-- those a search by attributes found; $text: a piece of a name, or one of $text_ids.
with matching as (
    select event_trace_id, coalesce(cost, -1) as rank
    from matching_event_traces(
        $since_ns, $until_ns, $functions, $status, $cold, $retried, $duplicate, $dead_lettered,
        $min_duration_ns, $max_duration_ns, $min_wait_ns, $correlation_id, $shape_id, $ids, $text,
        $text_ids
    )
    left join event_costs($since_ns, $reach_ns, $rates, $fees) using (event_trace_id)
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
