-- One row per function that metrics tell of in the window: where it runs.
select
    function,
    max(coalesce(provider, case
        when starts_with(name, 'amazonaws.com/') then 'aws'
        when starts_with(name, 'azure_') then 'azure'
        when contains(name, '.googleapis.com/') then 'gcp'
    end)) as provider,
    max(coalesce(platform, case
        when starts_with(name, 'amazonaws.com/AWS/Lambda/') then 'aws_lambda'
        when starts_with(name, 'azure_functionexecution') then 'azure.functions'
        when starts_with(name, 'cloudfunctions.') then 'gcp_cloud_functions'
        when starts_with(name, 'run.') then 'gcp_cloud_run'
    end)) as platform,
    max(region) as region,
    max(account_id) as account_id
from reported_points($since_ns, $until_ns)
group by function
order by function
