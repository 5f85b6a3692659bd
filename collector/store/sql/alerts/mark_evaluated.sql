update alert_progress
set evaluated_ns = $evaluated_ns, watched_ns = $watched_ns, gap_ns = $gap_ns
