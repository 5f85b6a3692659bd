-- What was made of the same records as each replaced fragment that is no more, the earliest first: one
-- row per pair, of the same trace or, of log records that name none, of the same invocation. What a
-- batch shares is in no event trace.
with lost as (
    select * from replaced
    where event_trace_id is not null
      and fragment_id not in (select fragment_id from given_fragments)
),
pairs as (
    select lost.fragment_id, made.fragment_id as heir, made.part, made.start_ns
    from lost join given_fragments made on made.trace_id = lost.trace_id
    union all
    select lost.fragment_id, made.fragment_id, made.part, made.start_ns
    from lost
        join fragment_keys k on k.fragment_id = lost.fragment_id and k.kind = 0 and k.run >= $from_seq
        join made_keys on made_keys."key" = k."key" and made_keys.kind = 0
        join given_fragments made on made.fragment_id = made_keys.fragment_id
)
select fragment_id, heir
from pairs
where part <> 2
order by fragment_id, start_ns, heir
