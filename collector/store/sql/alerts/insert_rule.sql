insert into alert_rules (rule_id, document, created_ns, changed_ns)
values ($id, $document, $created_ns, $changed_ns)
