update alert_silences
set starts_ns = least(starts_ns, $now_ns), ends_ns = $now_ns
where silence_id = try_cast($silence_id as uuid) and ends_ns > $now_ns
returning silence_id::varchar
