-- Rules that are stored, the oldest first.
select rule_id, document, created_ns, changed_ns from alert_rules order by created_ns, rule_id
