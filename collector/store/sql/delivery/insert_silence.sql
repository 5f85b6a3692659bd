insert into alert_silences by name
select
    $silence_id::uuid as silence_id, $rule as rule, $group as group_glob, $severity as severity,
    $reason as reason, $author as author, $starts_ns as starts_ns, $ends_ns as ends_ns,
    $created_ns as created_ns
