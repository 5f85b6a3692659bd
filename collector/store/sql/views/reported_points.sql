-- One row per point of a metric about functions that is worth reading in [since, before), the last
-- report of each. Points of cumulative streams begin an hour earlier, to have one to count from.
-- at_ns: what a delta or summary is about begins then.
create or replace macro reported_points(since, before) as table
with read as (
    select
        name, type, temporality, time_ns, nullif(start_ns, 0) as start_ns, function, resource_id,
        attributes, export_seq,
        coalesce(value_double, value_int::double, if(
            name = 'cloudfunctions.googleapis.com/function/execution_times',
            coalesce(spread_ns(bucket_counts, explicit_bounds, 100_000_000), sum), null
        ), if(type = 'summary' or name = 'faas.invoke_duration',
            sum, count::double)) as value,
        count, coalesce(list_max(quantile_values), sum / nullif(count, 0)) as greatest,
        text_of(attributes, 'Dimensions') as dimensions
    from metric_points
    where time_ns >= since - 3_600_000_000_000 and time_ns < before + 3_600_000_000_000
      and (
          starts_with(name, 'amazonaws.com/AWS/Lambda/') or starts_with(name, 'faas.')
          or starts_with(name, 'cloudfunctions.googleapis.com/function/')
          or starts_with(name, 'run.googleapis.com/') or starts_with(name, 'kn.')
          or starts_with(name, 'gateway_function') or starts_with(name, 'azure_functionexecution')
          or starts_with(name, 'azure_ondemandfunctionexecution')
      )
),
placed as (
    select
        read.*,
        if(temporality = 2, time_ns, coalesce(start_ns, time_ns)) as at_ns,
        coalesce(
            if(
                contains(name, '/AWS/Lambda/') and contains(name, 'Invoke')
                    and ends_with(name, 'EventCount'),
                -- Event sources count by themselves, each under its own id.
                if(contains(dimensions, '"EventSourceMappingUUID"'),
                    json_extract_string(dimensions, '$.FunctionName'), ''),
                regexp_extract(dimensions, '^\{"FunctionName": ?"([^"]+)"\}$', 1)
            ),
            text_of(resources.attributes, 'function_name'),
            text_of(resources.attributes, 'kn.service.name'),
            text_of(read.attributes, 'kn.service.name'),
            text_of(read.attributes, 'function_name'),
            if(name like 'run.googleapis.com/%', text_of(resources.attributes, 'service_name'), null),
            regexp_extract(text_of(read.attributes, 'azuremonitor.resource_id'),
                '(?i)/sites/([^/]+)', 1),
            read.function
        ) as about,
        coalesce(region, '') || ' ' || coalesce(account_id, '') as place,
        provider, platform, region, account_id,
        try_cast(regexp_extract(coalesce(
            text_of(read.attributes, 'memory'), text_of(resources.attributes, 'memory')
        ), '^([0-9]+) ?(MB|Mi)?$', 1) as integer) as memory_mb,
        lower(coalesce(text_of(read.attributes, 'status'), text_of(resources.attributes, 'status')))
            as status,
        coalesce(
            text_of(read.attributes, 'http.response.status_code'), text_of(read.attributes, 'code'),
            text_of(read.attributes, 'response_code'), text_of(resources.attributes, 'response_code'),
            text_of(read.attributes, 'response_code_class'),
            text_of(resources.attributes, 'response_code_class')
        ) as code
    from read left join resources using (resource_id)
)
select
    about as function, name, type, temporality, at_ns, start_ns, status, code,
    if(dimensions is null, hash(resource_id, attributes), hash(place, dimensions)) as stream,
    max_by(value, export_seq) as value,
    max_by(count, export_seq) as count,
    max_by(greatest, export_seq) as greatest,
    max(coalesce(provider, case
        when starts_with(name, 'amazonaws.com/') then 'aws'
        when starts_with(name, 'azure_') then 'azure'
        when contains(name, '.googleapis.com/') then 'gcp'
    end)) as provider,
    max(coalesce(platform, case
        when starts_with(name, 'amazonaws.com/AWS/Lambda/') then 'aws_lambda'
        when starts_with(name, 'azure_') then 'azure.functions'
        when starts_with(name, 'cloudfunctions.') then 'gcp_cloud_functions'
        when starts_with(name, 'run.') then 'gcp_cloud_run'
    end)) as platform,
    max(region) as region,
    max(account_id) as account_id,
    max(memory_mb) as memory_mb
from placed
where about <> '' and (dimensions is null) <= (name not like 'amazonaws.com/%')
group by all
