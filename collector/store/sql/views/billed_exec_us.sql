-- One row per use: the µs of an invocation that are billed, without initialisation; of Cloudflare CPU
-- time. null: not told.
create or replace macro billed_exec_us(
    billing, start_ns, duration_ns, cold_ns, billed_ns, cpu_ns
) as
    case billing
        when 1 then coalesce(
            billed_ns // 1_000
                - billed_init_us(billing, start_ns, duration_ns, cold_ns, billed_ns),
            steps_us(duration_ns, 1, 0)
        )
        when 2 then steps_us(duration_ns, 1, 100)
        when 4 then steps_us(duration_ns, 100, 100)
        when 6 then cpu_ns // 1_000
    end
