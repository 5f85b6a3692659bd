insert into outcome_hours (slo_id, hour_ns, good, total) values ($slo_id, $hour_ns, $good, $total)
