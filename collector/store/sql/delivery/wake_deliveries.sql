update alert_deliveries
set state = 'waiting', reason = 'silence_ended', ended_ns = null, next_ns = $now_ns
where list_contains($delivery_ids::uuid[], delivery_id)
