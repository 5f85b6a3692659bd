delete from outcome_hours
where hour_ns < $before_ns or slo_id not in (select slo_id from slos)
