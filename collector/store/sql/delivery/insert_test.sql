insert into alert_deliveries by name
select
    uuid() as delivery_id, 0 as change_seq, $target as target, '' as rule_id, '' as rule_name,
    '' as group_name, 'info' as severity, '' as alert_state, 'test' as reason, $state as state,
    $message_id::uuid as message_id, 1 as attempts, $now_ns as created_ns, $now_ns as first_try_ns,
    $now_ns as ended_ns, $status as http_status, $latency_ms as latency_ms, $error as error
