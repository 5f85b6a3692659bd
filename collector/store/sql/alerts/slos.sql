-- Objectives that are stored, the oldest first.
select slo_id, document, created_ns, changed_ns from slos order by created_ns, slo_id
