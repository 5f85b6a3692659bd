-- One row per event trace that ended dead-lettered, with the error of what failed last: of the
-- invocation, or, where that succeeded but for this message of its batch, of the span that failed.
create or replace macro dead_letter_errors(since, before) as table
with dead as materialized (select * from dead_letters(since, before)),
errors as (
    select
        event_trace_id,
        arg_max(coalesce(error_type, outcome),
            (invocations.trace_id is not distinct from dead.trace_id, invocations.start_ns)
        ) as error
    from dead join told_invocations as invocations using (function)
    where outcome <> 'ok'
      and invocations.start_ns >= (select min(failed_ns) from dead) - 3_600_000_000_000
      and invocations.start_ns <= failed_ns + 1_000_000_000
      and invocations.start_ns + coalesce(duration_ns, 0) >= failed_ns
    group by event_trace_id
),
span_errors as (
    select
        trace_id,
        arg_max(coalesce(error_type, nullif(status_message, '')), spans.start_ns) as error
    from spans
    where status_code = 2
      and spans.start_ns >= (select min(failed_ns) from dead) - 60_000_000_000
      and spans.start_ns <= (select max(failed_ns) from dead) + 900_000_000_000
      and trace_id in (select trace_id from dead)
    group by trace_id
)
select dead.*, coalesce(errors.error, span_errors.error) as error
from dead
left join errors using (event_trace_id)
left join span_errors on span_errors.trace_id = dead.trace_id
