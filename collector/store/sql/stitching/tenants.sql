-- Account, deployment environment and tenant that resources name.
select
    resource_id,
    account_id,
    list_filter(attributes, lambda each: each."key" in (
        'deployment.environment.name', 'deployment.environment'
    ))[1]."value"
from resources
