-- The resources with the ids given.
select
    resource_id, service, function, version, instance, provider, platform, region, account_id,
    memory_bytes, schema_url, attributes, attribute_types
from resources
where resource_id in (select unnest($resource_ids))
