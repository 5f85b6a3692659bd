-- What the spans, links and log records of dirty traces name, as mentions.py has it: numbers of
-- kind and role, the namespace and the value; "worthless" and "unique" of the value.
create temp table mentions as
with named as (
    select trace_id, 4 as kind, case kind when 2 then 2 when 3 then 1 when 4 then 1 else 0 end
        as role, 'v:' as space, invocation_id as value, start_ns, end_ns, until_ns, outcome,
        null as place, function, '' as family, null as attempt
    from told where invocation_id <> ''
    union all
    select trace_id, 3, message_role, 'v:', message_id, start_ns, end_ns, until_ns, outcome,
        destination, function, '', attempt
    from told where message_id <> ''
    union all
    select trace_id, 3, message_role, 'v:', links.message_id, start_ns, end_ns, until_ns, outcome,
        destination, function, '', attempt
    from read_links as links join told using (trace_id, span_id)
    where links.message_id <> ''
    union all
    select trace_id, unnest([1, 2]), 2, unnest(['t:', 's:']), unnest([
        replace(linked_trace_id::varchar, '-', ''),
        replace(linked_trace_id::varchar, '-', '') || format('{:016x}', linked_span_id)
    ]), start_ns, end_ns, until_ns, 0, null, function, '', null
    from read_links join told using (trace_id, span_id)
    union all
    select trace_id, 8, 0, 'v:', correlation_id, start_ns, end_ns, until_ns, 0, null, function,
        family, null
    from told where correlation_id <> ''
    union all
    select trace_id, 8, 0, 'v:', correlation_id, time_ns, time_ns, time_ns, 0, null, function,
        family, null
    from read_logs where correlation_id <> ''
    union all
    select trace_id, 4, 0, 'v:', invocation_id, time_ns, time_ns, time_ns, 0, null, function, '',
        null
    from read_logs where invocation_id <> ''
    union all
    select trace_id, if(letter = 'k', 8, 9), 0, 'v:', value[3:], time_ns, until_ns, until_ns, 0, null,
        function, value[1:2], null
    from read_keys where letter in ('k', 'w')
),
-- A value with two digits or more letters than a word, whose ends are neither alike nor blank, dash
-- or dot (all before "0"), is neither a word nor one letter again and again: nearly every id.
suspected as (
    select *, case
        when kind <= 2 then null
        when value[1] = value[-1] or value[1] <= '/' or value[-1] <= '/' then lower(trim(value))
        when length(value) > 17 or regexp_matches(value, '[0-9][^0-9]*[0-9]') then null
        else lower(trim(value))
    end as word
    from named
)
select
    trace_id, kind, role,
    -- What has the form of a trace id shares the key of that trace, as in keys.py.
    case
        when length(value) <> 32 or space <> 'v:' then space
        when regexp_full_match(value, '[0-9a-f]{32}') then 't:'
        else space
    end as space,
    value,
    if(role = 1, until_ns, start_ns) as time_ns,
    case
        when role = 1 or kind in (8, 9) then until_ns
        when role = 2 then end_ns
        else start_ns
    end as end_ns,
    if(role = 2, outcome, 0) as outcome,
    place, function, family, attempt,
    case
        when word is null then false
        when word in (select unnest($worthless::varchar[])) then true
        else ltrim(ltrim(value, '-.'), '-.' || ltrim(value, '-.')[1]) = ''
    end as worthless,
    case when kind = 3 then
        length(replace(value, '-', '')) >= 16
        and regexp_matches(value, '(?:[0-9][^0-9]*){4}')
        and regexp_matches(value, '[A-Za-z]')
    else false end as "unique"
from suspected
where not (kind = 1 and space || value = 't:' || replace(trace_id::varchar, '-', ''))
