delete from resources
where resource_id not in (
    select resource_id from spans where resource_id is not null
    union
    select resource_id from log_records where resource_id is not null
    union
    select resource_id from metric_points where resource_id is not null
)
