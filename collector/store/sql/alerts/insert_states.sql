insert into alert_states
select
    unnest($rule_ids::varchar[]), unnest($groups::varchar[]), unnest($states::varchar[]),
    unnest($since::bigint[]), unnest($began::bigint[]), unnest($clear::bigint[]),
    unnest($values::double[]), unnest($observed::bigint[]), unnest($evaluated::bigint[])
