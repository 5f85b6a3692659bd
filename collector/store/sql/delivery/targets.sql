select name, document, created_ns, changed_ns from alert_targets order by name
