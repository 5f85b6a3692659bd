delete from slos where slo_id = $id
