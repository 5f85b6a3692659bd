-- One row per use: a duration in whole steps, begun ones counted, so many at least: µs. null: it is
-- not told (greatest() alone would pass over it).
create or replace macro steps_us(duration_ns, step_ms, least_ms) as
    if(duration_ns is null, null, greatest(
        (duration_ns + step_ms * 1_000_000 - 1) // (step_ms * 1_000_000) * step_ms, least_ms
    ) * 1_000)
