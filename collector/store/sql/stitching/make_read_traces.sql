-- The traces that are made anew, numbered from 0, each with the id of the fragment it is as a whole.
create temp table read_traces as
select
    row_number() over () - 1 as trace,
    trace_id,
    hash(replace(trace_id::varchar, '-', '')) as fragment_id
from dirty_traces
