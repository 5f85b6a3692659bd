-- One row per destination, and per event trace or flow shape where asked for: its messages in the
-- window.
select
    queue, time_ns,
    if($each_event, event_trace_id, null) as event_trace_id,
    if($each_shape, shape_id, null) as shape_id,
    sum(sent)::bigint as sent, sum(taken)::bigint as taken, sum(batches)::double as batches,
    any_value(system) as system, any_value(region) as region, any_value(account_id) as account_id
from message_shares($since_ns, $until_ns, $step_ns, $events) as shares
left join (
    select event_trace_id, shape_id from listed_event_traces
    where $each_shape
      and end_ns >= $since_ns - 900_000_000_000 and start_ns < $until_ns + 900_000_000_000
) using (event_trace_id)
left join (
    select
        destination as queue, max(system) as system, max(region) as region,
        max(account_id) as account_id
    from message_systems
    group by destination
) using (queue)
where $events::ubigint[] is null or event_trace_id in (select unnest($events::ubigint[]))
group by all
order by all
