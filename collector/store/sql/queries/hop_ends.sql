-- Both ends of messages: one row for each queue, sender and receiver, with how many were sent, how
-- many were taken, how many of those that were taken came without a trace context, and how many
-- that nobody sent are all of their event trace. A message is carried on, though no one noted its
-- id at the other end, where its sender's fragment goes on in another function, or where a fragment
-- that took no message by id links to it.
-- Who sent first and who took first count: later ones are retries, or read a dead-letter queue.
-- The other end is sought within $reach_ns; what was sent after $settled_ns may be on its way.
with ends as (
    select
        "key",
        arg_min(place, time_ns) filter (role = 1) as sent_to,
        arg_min(place, time_ns) filter (role = 2) as taken_from,
        arg_min(function, time_ns) filter (role = 1) as sender,
        arg_min(function, time_ns) filter (role = 2) as receiver,
        min(time_ns) filter (role = 1) as sent_ns,
        min(time_ns) filter (role = 2) as taken_ns,
        min(fragment_id) filter (role = 1) as sender_id,
        min(fragment_id) filter (role = 2) as receiver_id
    from fragment_keys
    where kind = 3 and role in (1, 2)
      and time_ns >= $since_ns - $reach_ns and time_ns < $until_ns + $reach_ns
    group by "key"
),
linked as (
    select distinct fragment_id
    from fragment_keys
    where kind in (1, 2) and role = 2
      and time_ns >= $since_ns - $reach_ns and time_ns < $until_ns + $reach_ns
),
followed as (
    select distinct own.fragment_id
    from fragment_keys as own join fragment_keys as link using ("key")
    where own.kind in (1, 2) and own.role = 3 and link.kind in (1, 2) and link.role = 2
      and own.time_ns >= $since_ns - $reach_ns and own.time_ns < $until_ns + $reach_ns
      and link.time_ns >= $since_ns - $reach_ns and link.time_ns < $until_ns + $reach_ns
      and own.fragment_id in (select sender_id from ends where taken_ns is null)
      and link.fragment_id not in (select receiver_id from ends where receiver_id is not null)
),
parts as (
    select fragment_id, len(fragments.functions) > 1 as goes_on, len(event_traces.trace_ids) = 1 as alone
    from fragments left join event_traces using (event_trace_id)
    where fragments.start_ns >= $since_ns - $reach_ns
)
select
    coalesce(taken_from, sent_to) as place,
    sender,
    receiver,
    count(*) filter (sent_ns is not null) as sent_count,
    count(*) filter (taken_ns is not null) as taken_count,
    count(*) filter (sent_ns is not null and taken_ns is not null) as matched_count,
    count(*) filter (
        taken_ns is not null and linked.fragment_id is null
        and sender_id is distinct from receiver_id
    ) as bare_count,
    count(*) filter (sent_ns is null and taker.alone) as alone_count,
    count(*) filter (
        taken_ns is null and (giver.goes_on or followed.fragment_id is not null)
    ) as carried_count
from ends
left join linked on linked.fragment_id = receiver_id
left join followed on followed.fragment_id = sender_id
left join parts as taker on taker.fragment_id = receiver_id
left join parts as giver on giver.fragment_id = sender_id
where coalesce(sent_ns, taken_ns) >= $since_ns and coalesce(sent_ns, taken_ns) < $until_ns
  and (taken_ns is not null or sent_ns < $settled_ns)
group by all
order by sent_count + taken_count desc, place, sender, receiver
limit $limit
