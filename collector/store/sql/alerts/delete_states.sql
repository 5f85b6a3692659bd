delete from alert_states
where (rule_id, group_name) in (
    select (unnest($rule_ids::varchar[]), unnest($groups::varchar[]))
)
