insert into alert_progress values ($evaluated_ns, $watched_ns, $gap_ns)
