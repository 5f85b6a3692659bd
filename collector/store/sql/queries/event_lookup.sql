-- The event traces that hold one of the keys, or that the id of one of its fragments names: one row
-- for each kind of key and event trace, the last seen first. What only a batch's shared spans hold
-- belongs to each of its deliveries. A trace's own fragments stand before references to it.
with wanted as (
    select distinct hash(text) as "key" from (select unnest($texts::varchar[]) as text)
),
places as (select unnest($runs::bigint[]) as run),
key_rows as (
    select kind, fragment_id, run, role, time_ns
    from fragment_keys semi join wanted using ("key") semi join places using (run)
    where run <= $indexed_seq
    union all
    select kind, fragment_id, run, role, time_ns
    from fragment_keys semi join wanted using ("key")
    where run > $indexed_seq
),
held as (
    select kind, fragment_id, run, role, max(time_ns) as last_ns
    from key_rows
    where kind > 0 and time_ns >= $since_ns and time_ns < $until_ns
    group by all
),
chosen as (
    select * from held
    qualify role = 3 or not coalesce(bool_or(role = 3) over (partition by kind), false)
),
named as (  -- late data may have cut its first fragment anew: then only the event trace has the id
    select fragment_id, event_trace_id, trace_id, start_ns
    from fragments semi join places using (run)
    where run <= $indexed_seq and (fragment_id = $fragment_id or event_trace_id = $fragment_id)
    union all
    select fragment_id, event_trace_id, trace_id, start_ns
    from fragments
    where run > $indexed_seq and (fragment_id = $fragment_id or event_trace_id = $fragment_id)
),
direct as (  -- read twice, so made whole: no more columns than are needed
    select kind, last_ns, fragment_id, event_trace_id, trace_id, start_ns
    from fragments join chosen using (fragment_id, run)
    union all
    select 0, null, * from named
),
found as (
    select kind, last_ns, event_trace_id, trace_id, start_ns
    from direct
    where event_trace_id is not null
    union all
    select direct.kind, last_ns, f.event_trace_id, f.trace_id, f.start_ns
    from direct join fragments f on f.shared_id = direct.fragment_id
    where direct.event_trace_id is null and f.event_trace_id is not null
)
select
    kind,
    format('{:016x}', event_trace_id) as event_trace_id,
    replace(arg_max(trace_id, start_ns)::varchar, '-', '') as trace_id,
    max(coalesce(last_ns, start_ns)) as last_ns
from found
where coalesce(last_ns, start_ns) >= $since_ns and coalesce(last_ns, start_ns) < $until_ns
group by kind, event_trace_id
order by last_ns desc, kind, event_trace_id
limit $limit
