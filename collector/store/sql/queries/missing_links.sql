-- Links to traces nothing of which arrived: one row for each function whose spans name them and
-- queue it took from. An X-Ray context shows by its first eight digits: the second it began in.
with named as (
    select
        trace_id, span_id, start_ns, linked_trace_id, linked_span_id, message_id,
        abs(('0x' || left(linked_trace_id::varchar, 8))::bigint - start_ns // 1_000_000_000) < 86400
            as is_xray
    from span_links
    where start_ns >= $since_ns and start_ns < $until_ns and linked_trace_id <> trace_id
),
wanted as (
    select distinct linked_trace_id from named
),
known as (
    select distinct linked_trace_id
    from fragments join wanted on fragments.trace_id = wanted.linked_trace_id
),
missing as (
    select * from named anti join known using (linked_trace_id)
),
alone as (
    select distinct fragments.trace_id, fragments.event_trace_id
    from (select distinct trace_id from missing) as lost
    join fragments using (trace_id)
    join event_traces using (event_trace_id)
    where len(event_traces.trace_ids) = 1
)
select
    spans.function,
    spans.destination as place,
    count(distinct (missing.span_id, linked_trace_id, linked_span_id, missing.message_id))
        as link_count,
    count(distinct (missing.span_id, linked_trace_id, linked_span_id, missing.message_id))
        filter (is_xray) as xray_count,
    count(distinct alone.event_trace_id) as alone_count
from missing
join spans
    on spans.start_ns = missing.start_ns
    and spans.trace_id = missing.trace_id and spans.span_id = missing.span_id
left join alone on alone.trace_id = missing.trace_id
where spans.start_ns >= $since_ns and spans.start_ns < $until_ns
group by all
order by link_count desc, function, place
limit $limit
