-- How much is stored, one row per signal; counting whole tables reads no data.
select 'traces' as signal, (select count(*) from spans) as records, (select max(start_ns) from spans) as last_ns
union all
select 'logs', (select count(*) from log_records), (select max(time_ns) from log_records)
union all
select 'metrics', (select count(*) from metric_points), (select max(time_ns) from metric_points)
