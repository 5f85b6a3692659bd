-- One row per event trace going on in [since, before) and value it has of an attribute: of a span or
-- resource, or, by these names, "tenant" and "correlation_id" as stitching took them. Of a trace that
-- served several events a value counts for those whose fragments hold it as a key; where none does,
-- for all of them. share: an event with several values is shared over them evenly.
create or replace macro event_values(since, before, attribute) as table
with near as (
    select fragment_id, trace_id, event_trace_id, part, tenant
    from fragments
    where end_ns >= since and start_ns < before and event_trace_id is not null
),
told as (
    select distinct trace_id, value
    from (
        select trace_id, coalesce(text_of(spans.attributes, attribute), place.value) as value
        from spans left join (
            select resource_id, text_of(attributes, attribute) as value from resources
        ) as place using (resource_id)
        where start_ns >= since and start_ns < before
          and attribute not in ('tenant', 'correlation_id')
          and (len(spans.attributes) > 0 or place.value is not null)
    )
    where value is not null
),
candidates as (
    select
        near.*, value, keys."key" is not null as holds,
        bool_or(keys."key" is not null) over (partition by near.trace_id, value) as someone_holds
    from near
    join told using (trace_id)
    left join (
        select distinct fragment_id, "key" from fragment_keys
        where "key" in (select hash('v:' || value) from told)
    ) as keys on keys.fragment_id = near.fragment_id and keys."key" = hash('v:' || value)
),
found as (
    select event_trace_id, value from candidates where part = 0 or holds or not someone_holds
    union
    select event_trace_id, tenant from near where attribute = 'tenant' and tenant is not null
    union
    select event_trace_id, unnest(correlation_ids)
    from event_traces
    where attribute = 'correlation_id' and end_ns >= since and start_ns < before
)
select event_trace_id, value, 1 / count(*) over (partition by event_trace_id) as share
from found
