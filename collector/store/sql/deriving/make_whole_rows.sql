-- The touched invocations as they are now. Of several spans the one that stands for the invocation
-- is that with a trigger, of a server or consumer, nearest the root, the earliest.
create temp table whole_rows as
with merged as (
    select
        "key", place, number,
        min(other_id) as other_id,
        coalesce(min(function) filter (kind = 0), min(function)) as function,
        coalesce(
            max(version) filter (kind = 1), max(version) filter (kind > 0), max(version)
        ) as version,
        min(environment_id) as environment_id,
        min(alias_id) as alias_id,
        min(begin_ns) as start_ns,
        min(main) as main,
        coalesce(max(duration_ns) filter (kind = 3), max(duration_ns)) as told_duration_ns,
        max(billed_ns) as billed_ns,
        max(init_ns) as init_ns,
        max(restore_ns) as restore_ns,
        max(memory_mb) as memory_mb,
        max(used_mb) as used_mb,
        max(status) as status,
        max(nullif(error_type, 'killed')) as platform_error,
        bool_or(kind = 1) as started,
        bool_or(kind = 3) as reported,
        bool_or(kind = 4) as timed_out,
        bool_or(coalesce(error_type = 'killed', false)) as killed,
        max(parts.trace_id) as xray_trace_id,
        max(resource_id) as platform_resource_id
    from attempts as parts
    group by "key", place, number
),
apart as (
    select distinct parts.*
    from attempts as parts join merged
        on parts."key" = merged."key" and parts.number = merged.number
        and parts.place is not distinct from merged.place
    where parts.kind = 0
      and (
          parts.end_ns < merged.main.start_ns
          or parts.begin_ns > merged.main.start_ns + coalesce(merged.main.duration_ns, 0)
      )
),
whole as (
    select * exclude (place, number), false as spare from merged
    union all by name
    select
        "key", other_id, function, version, environment_id, alias_id,
        begin_ns as start_ns, main, true as spare
    from apart
    union all by name
    select
        "key", other_id, function, version, environment_id, alias_id, begin_ns as start_ns, main,
        false as spare, false as started, false as reported, false as timed_out, false as killed
    from parts
    where "key" in (select "key" from alone)
)
select
    "key", other_id, function, version, environment_id, alias_id, start_ns,
    row_number() over (partition by "key", spare order by start_ns, environment_id)::smallint
        as attempt,
    spare,
    main.rank as span_rank,
    main.start_ns as span_start_ns,
    main.duration_ns as span_duration_ns,
    main.trace_id as trace_id,
    main.span_id as span_id,
    main.failed as span_failed,
    main.error as span_error,
    main.cold as span_cold,
    main."trigger" as "trigger",
    main.outcome as span_outcome,
    main.cpu_ns as cpu_ns,
    main.resource_id as span_resource_id, main.weight as span_weight,
    told_duration_ns, billed_ns, init_ns, restore_ns, memory_mb, used_mb, status, platform_error,
    started, reported, timed_out, killed, xray_trace_id, platform_resource_id,
    null::varchar as environment, null::bigint as duration_ns, null::bigint as start_init_ns,
    null::varchar as init_kind, null::varchar as init_evidence, null::varchar as outcome,
    null::varchar as error_type, null::utinyint as billing, $up_to_seq::bigint as run
from whole
