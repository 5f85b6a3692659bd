-- When those invocations were.
select min(start_ns), max(start_ns) from changing
