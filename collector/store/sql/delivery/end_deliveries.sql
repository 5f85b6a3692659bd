update alert_deliveries
set state = $state, ended_ns = $now_ns, error = $error
where list_contains($delivery_ids::uuid[], delivery_id)
