-- One row per use: the event trace that holds a trace, the one with the smallest id of several (a batch
-- serves many), as the API writes it; null where none does. For example
-- select *, event_trace_of(trace_id) from invocations where outcome = 'timeout'.
create or replace macro event_trace_of(trace) as (
    select format('{:016x}', min(event_trace_id)) from fragments where fragments.trace_id = trace
)
