-- The links of these spans.
select
    replace(trace_id::varchar, '-', ''), format('{:016x}', span_id),
    replace(linked_trace_id::varchar, '-', ''), format('{:016x}', linked_span_id), message_id, keys
from read_links
where trace_id in (select trace_id from slow_traces)
