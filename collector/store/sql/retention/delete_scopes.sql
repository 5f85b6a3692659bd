delete from scopes
where scope_id not in (
    select scope_id from spans where scope_id is not null
    union
    select scope_id from log_records where scope_id is not null
    union
    select scope_id from metric_points where scope_id is not null
)
