-- One row per use: the µs of initialisation an invocation was billed for. cold_ns: the length of its
-- cold start, null where there was none. 1754006400 s is 2025-08-01, since when AWS bills INIT.
-- Whether it is in what REPORT says was billed shows from whether there is room for it.
create or replace macro billed_init_us(billing, start_ns, duration_ns, cold_ns, billed_ns) as
    case
        when cold_ns is null or duration_ns is null then 0
        when billing = 1 and billed_ns is not null then
            if(
                billed_ns >= duration_ns + cold_ns - 1_000_000,
                least((cold_ns + 500_000) // 1_000_000 * 1_000, billed_ns // 1_000), 0
            )
        when billing = 1 and start_ns >= 1_754_006_400_000_000_000
            then steps_us(duration_ns + cold_ns, 1, 0) - steps_us(duration_ns, 1, 0)
        when billing = 4
            then steps_us(duration_ns + cold_ns, 100, 100) - steps_us(duration_ns, 100, 100)
        else 0
    end
