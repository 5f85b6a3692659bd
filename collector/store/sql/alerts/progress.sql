select evaluated_ns, watched_ns, gap_ns from alert_progress
