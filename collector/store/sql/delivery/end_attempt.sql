update alert_deliveries
set
    state = $state, attempts = $attempts, next_ns = $next_ns, ended_ns = $ended_ns,
    http_status = $status, latency_ms = $latency_ms, error = $error
where message_id = $message_id::uuid
