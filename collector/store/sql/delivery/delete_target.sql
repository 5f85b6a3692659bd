delete from alert_targets where name = $target
