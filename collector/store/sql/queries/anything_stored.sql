-- Whether any telemetry is stored: true or false. Each part stops at its first row.
select exists (select 1 from spans)
    or exists (select 1 from log_records)
    or exists (select 1 from metric_points)
