-- What is known by now of alerts that have a row.
update alert_states
set state = given.state, since_ns = given.since_ns, began_ns = given.began_ns,
    clear_ns = given.clear_ns, "value" = given."value", observed_ns = given.observed_ns,
    evaluated_ns = given.evaluated_ns
from (
    select
        unnest($rule_ids::varchar[]) as rule_id, unnest($groups::varchar[]) as group_name,
        unnest($states::varchar[]) as state, unnest($since::bigint[]) as since_ns,
        unnest($began::bigint[]) as began_ns, unnest($clear::bigint[]) as clear_ns,
        unnest($values::double[]) as "value", unnest($observed::bigint[]) as observed_ns,
        unnest($evaluated::bigint[]) as evaluated_ns
) as given
where alert_states.rule_id = given.rule_id and alert_states.group_name = given.group_name
