delete from outcome_hours where slo_id = $slo_id
