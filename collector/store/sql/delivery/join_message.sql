update alert_deliveries
set message_id = $message_id::uuid, first_try_ns = $now_ns
where list_contains($delivery_ids::uuid[], delivery_id)
