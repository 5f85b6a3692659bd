-- One row per row of a table like invocation_rows, with what its environment tells of it and what all
-- that is known of it means. init_kind: cold, provisioned, snapshot_restore, warm; first = the first
-- seen of its environment; null = not known. outcome null = it was not said how it ended;
-- throttled = it never ran.
create or replace macro resolved_rows(source) as table
with placed as (
    select
        found.* exclude (environment, duration_ns, start_init_ns, init_kind, init_evidence, outcome,
            error_type, billing),
        coalesce(env.environment_id, other.environment_id) is not null as placed,
        coalesce(env.first_key = "key" and env.first_start_ns = start_ns, false)
            or coalesce(other.first_key = "key" and other.first_start_ns = start_ns, false)
            as first_of_one,
        coalesce(env.first_key = "key" and env.first_start_ns = start_ns, true)
            and coalesce(other.first_key = "key" and other.first_start_ns = start_ns, true)
            as first_of_all,
        coalesce(env.name, other.name) as environment,
        if(env.init_told is null, other, env) as around
    from query_table(source) as found
    left join environments as env on env.environment_id = found.environment_id
    left join environments as other on other.environment_id = found.alias_id
),
told as (
    select
        placed.*,
        case
            when restore_ns is not null then 'REPORT Restore Duration'
            -- An environment known by two ids has two first invocations: the report tells which.
            when first_of_one and around.init_told is not null
                and (billed_ns is null or init_ns is not null or around.init_failed
                    or around.init_type is distinct from 'on-demand')
                then around.init_told
            when init_ns is not null then 'REPORT Init Duration'
            when span_cold then 'faas.coldstart'
            when billed_ns is not null then 'REPORT without Init Duration'
            when span_cold = false then 'faas.coldstart'
            when logged_cold is not null then 'cold_start in its log'
            when span_resource_id is not null and "trigger" is not null and provider = 'azure'
                then 'no faas.coldstart on the host''s span'
            when placed and not first_of_all then 'its environment had an invocation before'
            when placed then 'first invocation seen of its environment'
        end as init_evidence,
        place.provider as provider,
        place.platform as platform
    from placed
    left join (select resource_id, provider, platform from resources) as place
        on place.resource_id = coalesce(span_resource_id, platform_resource_id)
)
select
    told.* exclude (placed, first_of_one, first_of_all, around, provider, platform),
    coalesce(told_duration_ns, span_duration_ns) as duration_ns,
    case
        when init_evidence = 'REPORT Restore Duration' then restore_ns
        when init_evidence = around.init_told
            then coalesce(init_ns, around.restore_ns, around.init_ns)
        else init_ns
    end as start_init_ns,
    case
        when init_evidence = 'REPORT Restore Duration' then 'snapshot_restore'
        when around.init_type = 'snap-start' and first_of_one then 'snapshot_restore'
        when around.init_type in ('provisioned-concurrency', 'lambda-managed-instances')
            and first_of_one then 'provisioned'
        when init_evidence = around.init_told then 'cold'
        when init_evidence = 'REPORT Init Duration' then 'cold'
        when init_evidence = 'faas.coldstart' then if(span_cold, 'cold', 'warm')
        when init_evidence = 'cold_start in its log' then if(logged_cold, 'cold', 'warm')
        when init_evidence = 'first invocation seen of its environment' then 'first'
        when init_evidence is not null then 'warm'
    end as init_kind,
    case
        when span_outcome = 'throttled' then 'throttled'
        when timed_out or status = 'timeout' then 'timeout'
        when platform_error = 'Runtime.OutOfMemory' or killed
            or span_outcome = 'exceededMemory'
            or (status in ('error', 'failure') and used_mb >= memory_mb) then 'out_of_memory'
        when status in ('error', 'failure') or platform_error is not null or span_failed
            or span_outcome not in ('ok', 'canceled', 'responseStreamDisconnected') then 'error'
        when reported or status is not null or span_duration_ns is not null then 'ok'
    end as outcome,
    billing_of(reported or started or billed_ns is not null, provider, platform) as billing,
    coalesce(
        nullif(platform_error, 'Unhandled'), span_error, platform_error, nullif(span_outcome, 'ok')
    ) as error_type
from told
