-- What the new records tell of executions of AWS Step Functions: lines of their log, and spans of
-- invocations that carry the id of one. The key is that of the id among those of fragments.
create temp table new_steps as
with logged as (
    select
        time_ns,
        json_extract_string(body, '$.execution_arn') as arn,
        json_extract_string(body, '$.type') as type,
        json_extract_string(body, '$.id') as event_id,
        json_extract_string(body, '$.previous_event_id') as previous_id,
        try_cast(json_extract_string(body, '$.event_timestamp') as bigint) as told_ms
    from log_records
    where export_seq > $after_seq and export_seq <= $up_to_seq
      and contains(body, '"previous_event_id"') and contains(body, '"execution_arn"')
      and json_valid(body)
),
carried as (
    select
        start_ns, unnest(keys) as text,
        hash(trace_id::varchar || function)::varchar as event_id
    from spans
    where export_seq > $after_seq and export_seq <= $up_to_seq
      and kind in (2, 5) and function is not null
      and contains(array_to_string(keys, ' '), ':states:')
),
told as (
    select
        arn,
        case
            when suffix(type, 'StateEntered') then 1
            when type in ('TaskScheduled', 'LambdaFunctionScheduled', 'ActivityScheduled') then 2
            when type = 'ExecutionStarted' then 3
            when starts_with(type, 'Execution') then 4
        end as kind,
        event_id, previous_id, coalesce(told_ms * 1_000_000, time_ns) as time_ns
    from logged
    union all
    select text[2:], 9, event_id, null, start_ns
    from carried
    where starts_with(text, 'xarn:')
)
select
    hash('v:' || arn) as execution_key,
    array_to_string(list_concat(string_split(arn, ':')[:5], ['stateMachine', split_part(arn, ':', 7)]), ':')
        as machine,
    split_part(arn, ':', 6) = 'express' as express,
    kind::utinyint as kind, event_id, previous_id, time_ns,
    split_part(arn, ':', 4) as region, split_part(arn, ':', 5) as account_id
from told
where kind is not null
  and split_part(arn, ':', 3) = 'states' and split_part(arn, ':', 6) in ('execution', 'express')
