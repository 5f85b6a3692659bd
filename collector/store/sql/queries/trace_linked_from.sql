-- The spans of other traces (or of this one) whose links name a span of this trace, with the span
-- of this trace they name.
with links as (
    select distinct on (trace_id, span_id, linked_span_id, attributes)
        trace_id, span_id, linked_span_id, trace_state, attributes, attribute_types, start_ns
    from span_links
    where linked_trace_id = $trace_id
      and start_ns >= $first_ns - $reach_ns and start_ns <= $last_ns + $reach_ns
    order by trace_id, span_id, linked_span_id, attributes, export_seq
    limit $limit
),
ends as (
    select trace_id, span_id, any_value(name) as name, any_value(function) as function
    from spans
    where start_ns in (select start_ns from links) and trace_id in (select trace_id from links)
    group by trace_id, span_id
)
select
    format('{:016x}', linked_span_id) as span_id,
    replace(links.trace_id::varchar, '-', '') as from_trace_id,
    format('{:016x}', links.span_id) as from_span_id,
    links.trace_state, attributes, attribute_types, ends.name, ends.function
from links left join ends on ends.trace_id = links.trace_id and ends.span_id = links.span_id
order by 1, 2, 3
