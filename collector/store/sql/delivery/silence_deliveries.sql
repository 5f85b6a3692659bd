update alert_deliveries
set state = 'silenced', silence_id = $silence_id::uuid, ended_ns = $now_ns
where list_contains($delivery_ids::uuid[], delivery_id)
