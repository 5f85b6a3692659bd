-- Where the traces ran, as far as their resources say one thing: cloud account and environment.
create temp table read_places as
with places as (
    select
        resource_id,
        account_id,
        list_filter(attributes, lambda each: each."key" in (
            'deployment.environment.name', 'deployment.environment'
        ))[1]."value" as environment
    from resources
),
seen as (
    select trace_id, resource_id from read_spans
    union
    select trace_id, resource_id from read_logs
)
select
    trace_id,
    if(min(account_id) = max(account_id), min(account_id), null) as account,
    if(min(environment) = max(environment), min(environment), null) as environment
from seen join places using (resource_id)
where account_id <> '' or environment <> ''
group by trace_id
