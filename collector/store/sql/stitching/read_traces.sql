-- Each with the text and the key of its trace.
select trace, trace_id, fragment_id, text, hash(text) as "key"
from (
    select *, 't:' || replace(trace_id::varchar, '-', '') as text
    from read_traces
)
order by trace
