delete from alert_changes where changed_ns < $before_ns
