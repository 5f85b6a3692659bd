insert into slos (slo_id, document, created_ns, changed_ns)
values ($id, $document, $created_ns, $changed_ns)
