delete from alert_rules where rule_id = $id
