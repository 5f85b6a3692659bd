-- One row per series of points about functions that has any within an hour of [since, before): what
-- each of its points says of itself, read once, for a day of CloudWatch has a thousand points a series.
-- line: series that report of the same thing together; of points of the same time the last counts.
-- figures: what its amounts add to (see told_figures). none: what it tells of beside, by never being
-- more than 0.
create or replace macro reported_series(since, before, only_function) as table
with told as (
    select
        series_of(name, type, temporality, function, resource_id, attributes) as series,
        any_value(name) as name, any_value(type) as type, any_value(temporality) as temporality,
        any_value(function) as function, any_value(resource_id) as resource_id,
        any_value(attributes) as attributes
    from metric_points
    where time_ns >= since - 3_600_000_000_000 and time_ns < before + 3_600_000_000_000
      and is_of_functions(name)
    group by all
),
placed as (
    select
        series, name, type, temporality, told.attributes, resource_id,
        text_of(told.attributes, 'Dimensions') as dimensions,
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
            text_of(told.attributes, 'kn.service.name'),
            text_of(told.attributes, 'function_name'),
            if(name like 'run.googleapis.com/%', text_of(resources.attributes, 'service_name'), null),
            regexp_extract(text_of(told.attributes, 'azuremonitor.resource_id'),
                '(?i)/sites/([^/]+)', 1),
            told.function
        ) as about,
        coalesce(region, '') || ' ' || coalesce(account_id, '') as place,
        provider, platform, region, account_id,
        try_cast(regexp_extract(coalesce(
            text_of(told.attributes, 'memory'), text_of(resources.attributes, 'memory')
        ), '^([0-9]+) ?(MB|Mi)?$', 1) as integer) as memory_mb,
        lower(coalesce(text_of(told.attributes, 'status'), text_of(resources.attributes, 'status')))
            as status,
        coalesce(
            text_of(told.attributes, 'http.response.status_code'), text_of(told.attributes, 'code'),
            text_of(told.attributes, 'response_code'), text_of(resources.attributes, 'response_code'),
            text_of(told.attributes, 'response_code_class'),
            text_of(resources.attributes, 'response_code_class')
        ) as code
    from told left join resources using (resource_id)
)
select
    series, about as function, name, type, temporality,
    if(dimensions is null, hash(resource_id, attributes), hash(place, dimensions)) as stream,
    dense_rank() over (order by about, name, type, temporality, status, code, stream) as line,
    coalesce(provider, case
        when starts_with(name, 'amazonaws.com/') then 'aws'
        when starts_with(name, 'azure_') then 'azure'
        when contains(name, '.googleapis.com/') then 'gcp'
    end) as provider,
    coalesce(platform, case
        when starts_with(name, 'amazonaws.com/AWS/Lambda/') then 'aws_lambda'
        when starts_with(name, 'azure_') then 'azure.functions'
        when starts_with(name, 'cloudfunctions.') then 'gcp_cloud_functions'
        when starts_with(name, 'run.') then 'gcp_cloud_run'
    end) as platform,
    region, account_id, memory_mb,
    -- Google's functions of the 2nd generation report as services of Cloud Run; Azure's plan Flex has
    -- metrics of its own.
    case
        when starts_with(name, 'cloudfunctions.') then '1st-gen'
        when starts_with(name, 'azure_ondemand') then 'flex'
    end as told_plan,
    told_figures(name, status, code) as figures,
    case
        -- Cloud Run counts the requests it turned away among all others.
        when name = 'run.googleapis.com/request_count' then 'throttles'
        -- A source whose messages were handed to the function: that none failed is zero, not untold.
        when name = 'amazonaws.com/AWS/Lambda/InvokedEventCount' then 'failed_events'
    end as none
from placed
where about <> '' and (dimensions is null) <= (name not like 'amazonaws.com/%')
  and (only_function::varchar is null or about = only_function)
