-- Functions and the destinations received from, of each plain trace in order of first appearance.
create temp table plain_names as
with plain as (
    select trace_id, function, destination, kind, start_ns, span_id
    from read_spans
    where trace_id not in (select trace_id from slow_traces)
),
functions as (
    select trace_id, list(function order by moment) as functions
    from (
        select trace_id, function, min((start_ns, span_id)) as moment
        from plain where function <> '' group by trace_id, function
    )
    group by trace_id
),
destinations as (
    select trace_id, list(destination order by moment) as destinations
    from (
        select trace_id, destination, min((start_ns, span_id)) as moment
        from plain where destination <> '' and kind in (2, 5) group by trace_id, destination
    )
    group by trace_id
)
select trace_id, functions, destinations
from functions left join destinations using (trace_id)
