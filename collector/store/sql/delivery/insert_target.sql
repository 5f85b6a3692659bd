insert into alert_targets by name
select
    $target as name, $document as document, $created_ns as created_ns, $changed_ns as changed_ns
