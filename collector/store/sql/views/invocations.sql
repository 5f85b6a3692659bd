-- One row per attempt of one function to handle one trigger, merged from its spans and what the
-- platform logged. init_kind: cold, provisioned, snapshot_restore, warm; null = not known; what
-- tells it is init_evidence. The first invocation seen of an environment is cold once its function
-- was watched for an hour before its clock hour began. outcome: ok,
-- error, timeout, out_of_memory; null = not said yet; throttled = a call that was turned away after its
-- caller's retries: it is in no count of invocations. failed_items: messages of its batch that it
-- logged to hand back; null = it logged nothing of the kind.
create or replace view invocations as
select
    "key",
    coalesce(other_id, "key"::varchar) as invocation_id,
    invocation_rows.function,
    version,
    environment,
    start_ns,
    duration_ns,
    billed_ns,
    start_init_ns as init_ns,
    if(
        init_kind = 'first',
        if(
            start_ns // 3_600_000_000_000 * 3_600_000_000_000
                >= watched_since_ns + 3_600_000_000_000,
            'cold', null
        ),
        init_kind
    ) as init_kind,
    init_evidence,
    memory_mb,
    used_mb,
    outcome,
    error_type,
    attempt,
    failed_items,
    "trigger",
    cpu_ns,
    trace_id,
    span_id,
    xray_trace_id,
    coalesce(span_resource_id, platform_resource_id) as resource_id,
    run
from invocation_rows left join functions_watched using (function)
where not spare
