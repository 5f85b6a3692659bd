-- What new log lines in CloudWatch's embedded metric format tell of cold starts: Powertools writes the
-- metric ColdStart once in an environment, with the function as a dimension.
create temp table new_logged as
with named as (
    select
        time_ns, function, resource_id, body,
        unnest(json_extract_string(body, '$._aws.CloudWatchMetrics[*].Metrics[*].Name')) as name
    from log_records
    where export_seq > $after_seq and export_seq <= $up_to_seq
      and contains(body, '"CloudWatchMetrics"') and contains(body, '"ColdStart"')
      and json_valid(body)
)
select
    coalesce(named.function, json_extract_string(body, '$.function_name')) as function, name,
    coalesce(
        (try_cast(json_extract_string(body, '$._aws.Timestamp') as bigint) * 1_000_000), time_ns
    ) as time_ns,
    coalesce(
        list_sum(try_cast(json_extract(body, '$.ColdStart') as double[])),
        try_cast(json_extract_string(body, '$.ColdStart') as double)
    ) as amount,
    resource_id, instance, environment_of(instance) as environment_id, $up_to_seq::bigint as run
from named left join resources using (resource_id)
where name = 'ColdStart'
  and coalesce(named.function, json_extract_string(body, '$.function_name')) is not null
