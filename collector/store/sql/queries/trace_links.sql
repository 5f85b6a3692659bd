-- The links of one trace's spans to others, and who is at the other end where that arrived.
-- The other end is sought within $reach_ns of the trace, so that the scan stays bounded.
with links as (
    select distinct on (span_id, linked_trace_id, linked_span_id, attributes)
        span_id, linked_trace_id, linked_span_id, trace_state, attributes, attribute_types
    from span_links
    where trace_id = $trace_id and start_ns >= $first_ns and start_ns <= $last_ns
    order by span_id, linked_trace_id, linked_span_id, attributes, export_seq
    limit $limit
),
ends as (
    select trace_id, span_id, any_value(name) as name, any_value(function) as function
    from spans
    where start_ns >= $first_ns - $reach_ns and start_ns <= $last_ns + $reach_ns
      and trace_id in (select linked_trace_id from links)
      and span_id in (select linked_span_id from links)
    group by trace_id, span_id
)
select
    format('{:016x}', links.span_id) as span_id,
    replace(linked_trace_id::varchar, '-', '') as linked_trace_id,
    format('{:016x}', linked_span_id) as linked_span_id,
    links.trace_state, attributes, attribute_types, ends.name, ends.function
from links left join ends on ends.trace_id = linked_trace_id and ends.span_id = linked_span_id
order by 1, 2, 3
