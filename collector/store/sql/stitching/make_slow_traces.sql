-- Traces that SQL does not make fragments of: they may hold a batch, or are unusual.
create temp table slow_traces as
select trace_id
from read_spans
group by trace_id
having count(*) > count(distinct span_id)
    or bool_or(parent_later)
    or coalesce(max(function), '') = ''
    or count(*) filter (kind = 5) > 1
    or count(*) filter (kind = 2 and parent_span_id is null and invocation_id <> '') > 1
union
select trace_id
from (
    select trace_id
    from read_spans
    where kind not in (3, 4) and message_id <> ''
    union all
    select trace_id
    from read_links join read_spans using (trace_id, span_id)
    where kind <> 4 and read_links.message_id <> ''
)
group by trace_id
having count(*) > 1
union
select trace_id
from read_links join read_spans using (trace_id, span_id)
group by trace_id
having count_if(kind <> 4) > 1 or bool_or(read_links.keys is not null)
union
select trace_id from read_event_keys
union
select trace_id from read_keys
where letter not in ('k', 'w', 'f', 'n', 'r', 'g', 'b')
   or (letter = 'b' and not regexp_full_match(value, '0*1|0*|.*[^0-9].*'))
   or (letter = 'r' and not regexp_full_match(value, '[0-9]{1,4}'))
union
select trace_id from mentions
where strlen(value) > length(value)
   or (kind > 7 and length(value) = 32 and regexp_full_match(value, '[0-9a-f]{32}'))
   or (kind = 3 and place is not null and (
        regexp_matches(lower(place), 'dlq|dlt|dead.?letter|poison')
        or place in (select unnest($dead_letter_queues::varchar[]))
        or not "unique" and (not worthless or regexp_full_match(value, '[0-9]+'))
   ))
union
select trace_id from mentions
where kind > 7 and not worthless
group by trace_id, family
having min(value) <> max(value)
union
select trace_id from read_logs
where trace_id not in (select trace_id from read_spans)
