-- The new spans that tell of an invocation: of all but calls and messages sent, those that carry an
-- invocation id; and where a platform gives none, requests that it handed to a function.
create temp table new_spans as
with found as (
    select
        spans.*, try_cast(invocation_id as uuid) as id, instance, provider, platform,
        resources.version
    from spans left join resources using (resource_id)
    where export_seq > $after_seq and export_seq <= $up_to_seq
      and kind not in (3, 4)
      and spans.function is not null
      and (
          invocation_id is not null
          or (
              kind in (2, 5)
              and coalesce(platform, '') not in ('aws_lambda', 'azure.functions')
              and ("trigger" is not null or platform in ('gcp_cloud_functions', 'gcp_cloud_run'))
          )
      )
)
select
    case
        when id is not null then id
        when invocation_id is null then md5(trace_id::varchar || span_id::varchar)::uuid
        else md5(invocation_id || '@' || function)::uuid
    end as "key",
    if(id is null, invocation_id, null) as other_id,
    function,
    environment_of(instance) as environment_id,
    alias_of(instance) as alias_id,
    start_ns,
    greatest(duration_ns, 0) as duration_ns,
    {
        'rank': (if("trigger" is null, 4, 0) + if(kind in (2, 5), 0, 2)
            + if(parent_span_id is null, 0, 1))::tinyint,
        'start_ns': start_ns,
        'span_id': span_id,
        'trace_id': trace_id,
        'duration_ns': if(duration_ns is null, null, greatest(duration_ns, 0)),
        'failed': status_code = 2,
        'error': error_type,
        'cold': cold_start,
        'trigger': "trigger",
        'outcome': case when platform like 'cloudflare%'
            then text_of(attributes, 'cloudflare.outcome') end,
        'cpu_ns': case when platform like 'cloudflare%' then (try_cast(
            text_of(attributes, 'cloudflare.cpu_time_ms') as double) * 1e6)::bigint end,
        'resource_id': resource_id,
        'weight': coalesce(
            if(trace_state is null, null, weight_of(trace_state)), rate_of(attributes)
        )
    } as main,
    version
from found
