-- One row per listed event trace that began in the window and matches; null asks for nothing.
-- among_ids: those a search by id or attributes found; piece: a part of a name, or one of piece_ids.
create or replace macro matching_event_traces(
    since, before, any_functions, outcome, is_cold, is_retried, is_duplicate, is_dead,
    min_length_ns, max_length_ns, least_wait_ns, business_id, shape, among_ids, piece, piece_ids
) as table
select *
from listed_event_traces
where start_ns >= since and start_ns < before
  and (any_functions::varchar[] is null or list_has_any(functions, any_functions::varchar[]))
  and (outcome::varchar is null or status = outcome)
  and (is_cold::boolean is null or (cold_start_count > 0) = is_cold)
  and (is_retried::boolean is null or (retry_count > 0) = is_retried)
  and (is_duplicate::boolean is null or (duplicate_count > 0) = is_duplicate)
  and (is_dead::boolean is null or (status = 'dead_lettered') = is_dead)
  and (min_length_ns::bigint is null or end_ns - start_ns >= min_length_ns)
  and (max_length_ns::bigint is null or end_ns - start_ns <= max_length_ns)
  and (least_wait_ns::bigint is null or queue_wait_ns >= least_wait_ns)
  and (business_id::varchar is null or list_contains(correlation_ids, business_id))
  and (shape::ubigint is null or shape_id = shape)
  and (among_ids::ubigint[] is null or event_trace_id in (select unnest(among_ids::ubigint[])))
  and (
      piece::varchar is null
      or contains(lower(array_to_string(path, ' ')), lower(piece))
      or event_trace_id in (select unnest(piece_ids::ubigint[]))
  )
