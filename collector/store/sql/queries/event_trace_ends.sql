-- Which of these spans of other traces arrived, near in time.
select
    replace(trace_id::varchar, '-', '') as trace_id,
    format('{:016x}', span_id) as span_id,
    any_value(name) as name,
    any_value(function) as function
from spans
where start_ns >= $first_ns and start_ns <= $last_ns
  and trace_id in (select unnest($trace_ids::uuid[]))
  and span_id in (select unnest($span_ids::ubigint[]))
group by trace_id, span_id
