-- The instrumentation scopes with the ids given.
select scope_id, name, version, attributes, attribute_types
from scopes
where scope_id in (select unnest($scope_ids))
