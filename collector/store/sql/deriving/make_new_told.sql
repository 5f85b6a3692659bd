-- What functions themselves log of their invocations, by minute: whether it was a cold start (the field
-- cold_start of structured loggers), and the messages of its batch that it hands back: the response
-- logged in whatever notation, and what Powertools for Java and Python log of each message.
create temp table new_told as
with said as (
    select
        time_ns, function, resource_id, lower(invocation_id) as invocation_id,
        nullif(regexp_extract(body, '"cold_?[sS]tart"\s*:\s*"?(true|false)', 1), '') = 'true' as cold,
        case
            when contains(body, 'atchItemFailures')
                then regexp_extract_all(body, 'itemIdentifier[\\"''=:\s]{1,8}([A-Za-z0-9:._/-]+)', 1)
            when contains(body, 'adding it to batch item failures')
                then [regexp_extract(body, 'with (?:messageId|id|eventID) (?:\S*:)?([^\s:]+): ', 1)]
            when contains(body, 'Record processing exception; skipping this record')
                then ['@' || time_ns]
        end as failed_items
    from log_records
    where export_seq > $after_seq and export_seq <= $up_to_seq
      and invocation_id is not null
      and (
          contains(body, 'cold_start"') or contains(body, 'coldStart"')
          or contains(body, 'atchItemFailures') or contains(body, 'adding it to batch item failures')
          or contains(body, 'Record processing exception; skipping this record')
      )
)
select
    coalesce(
        try_cast(invocation_id as uuid),
        md5(invocation_id || '@' || coalesce(function, ''))::uuid
    ) as "key",
    if(try_cast(invocation_id as uuid) is null, invocation_id, null) as other_id,
    6::utinyint as kind, function, min(time_ns) as time_ns,
    bool_or(cold) as cold,
    flatten(list(failed_items) filter (failed_items is not null)) as failed_items,
    resource_id, $up_to_seq::bigint as run
from said
where cold is not null or failed_items is not null
group by invocation_id, function, resource_id, time_ns // 60_000_000_000
