-- The traces that what was cut is made of.
create or replace temp table dirty_traces as
select trace_id::uuid as trace_id from given_dirty_traces
