-- The traces that have a span of this id, the newest first. Reads one column: half of what asking
-- for an id of any kind costs.
select
    replace(trace_id::varchar, '-', '') as trace_id,
    max(start_ns) as last_ns
from spans
where span_id = $span_id and start_ns >= $since_ns and start_ns < $until_ns
group by spans.trace_id
order by last_ns desc, trace_id
limit $limit
