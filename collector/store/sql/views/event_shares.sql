-- One row per invocation that began in [since, before), event trace it was for, and what became of it
-- there, with its share: the deliveries of a batch share it evenly. event_trace_id null: nothing
-- stitched tells whose it was. fate: as in billed_rows, 3 it did what had been done before.
-- only_events: but for null, those that have a part in these event traces. Nearly all traces are one
-- fragment: theirs are joined first, and what else ties an invocation is sought for the rest alone.
create or replace macro event_shares(since, before, only_events) as table
with asked as materialized (
    select fragment_id, trace_id, part from fragments
    where end_ns >= since - 900_000_000_000 and start_ns < before + 900_000_000_000
      and event_trace_id in (select unnest(only_events::ubigint[]))
),
ran as (
    select
        "key", other_id, attempt, start_ns, function, version, trace_id, span_id, outcome, memory_mb,
        weight, rated, fate, exec_us, init_us, flex_us
    from billed_rows('invocation_rows')
    where start_ns >= since and start_ns < before
      and (
          only_events::ubigint[] is null
          or trace_id in (select trace_id from asked)
          or (trace_id is null and invocation_key(coalesce(other_id, "key"::varchar)) in (
              select "key" from fragment_keys
              where kind = 4 and fragment_id in (select fragment_id from asked where part = 5)
                and time_ns >= since - 900_000_000_000 and time_ns < before + 900_000_000_000
          ))
      )
),
linked as materialized (
    select ran.*, whole.fragment_id, whole.event_trace_id
    from ran left join (
        select fragment_id, trace_id, event_trace_id
        from fragments
        where end_ns >= since - 900_000_000_000 and start_ns < before + 900_000_000_000
          and part = 0
    ) as whole using (trace_id)
),
rest as materialized (
    select
        row_number() over () as number, linked.* exclude (fragment_id, event_trace_id),
        invocation_key(coalesce(other_id, "key"::varchar)) as id_key
    from linked
    where fragment_id is null
),
told as materialized (
    select rest.number, rest.trace_id, keys.fragment_id, if(keys.role = 2, 0, 1) as rank
    from rest
    join fragment_keys as keys on keys."key" = rest.id_key and keys.kind = 4 and keys.role <> 1
        and keys.time_ns >= since - 900_000_000_000 and keys.time_ns < before + 900_000_000_000
),
near as materialized (
    select fragment_id, trace_id, event_trace_id, part, function, functions, shared_id
    from fragments
    where end_ns >= since - 900_000_000_000 and start_ns < before + 900_000_000_000
      and (
          trace_id in (select trace_id from rest)
          or fragment_id in (select fragment_id from told where trace_id is null)
          or shared_id in (select fragment_id from told where trace_id is null)
      )
),
-- Where a trace has several fragments, or there is none: the one that names the invocation's id.
named as materialized (
    select number, fragment_id, part, rank
    from told join near using (fragment_id)
    where told.trace_id is null or near.trace_id = told.trace_id
    qualify rank = min(rank) over (partition by number)
),
placed as (
    select number, fragment_id, 0 as rank from named where part <> 2
    union
    select number, near.fragment_id, if(near.part = 1, 0, 1)
    from named join near on near.shared_id = named.fragment_id
    where named.part = 2
    union
    select
        rest.number, near.fragment_id,
        case
            when near.part = 1 and near.function = rest.function then 2
            when list_contains(near.functions, rest.function) then 3
            else 4
        end
    from rest join near using (trace_id)
    where near.part <> 2
),
best as (
    select number, fragment_id, 1 / count(*) over (partition by number) as share
    from (select * from placed qualify rank = min(rank) over (partition by number))
),
shared as (
    select *, 1.0::double as share from linked where fragment_id is not null
    union all by name
    select
        rest.* exclude (number, id_key), best.fragment_id, near.event_trace_id,
        coalesce(best.share, 1.0) as share
    from rest left join best using (number) left join near using (fragment_id)
)
select
    shared.* exclude (fragment_id) replace (
        case
            when shared.fate = 0 and repeats.fate = 3 then 3
            when shared.fate = 1 and repeats.fate = 2 then 2
            else shared.fate
        end as fate
    ),
    shared.fate as own_fate
from shared
left join repeat_fates(since, before) as repeats
    on repeats.fragment_id = shared.fragment_id and repeats.function = shared.function
