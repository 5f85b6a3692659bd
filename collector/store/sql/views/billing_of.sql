-- One row per use: whose rules of rounding hold for an invocation: 1 AWS Lambda, which alone logs
-- lines of its own, 2 Azure Functions, 4 Google Cloud, 6 Cloudflare; null where no price per use is known.
create or replace macro billing_of(has_lines, provider, platform) as
    case
        when coalesce(has_lines, false) or platform = 'aws_lambda'
            or (provider = 'aws' and platform is null) then 1
        when starts_with(platform, 'azure.functions') or starts_with(platform, 'azure_functions')
            then 2
        when platform in ('gcp_cloud_functions', 'gcp_cloud_run', 'gcp.cloud_functions',
            'gcp.cloud_run') then 4
        when starts_with(platform, 'cloudflare') or provider = 'cloudflare' then 6
    end::utinyint
