-- One row per use: for how many spans one stands that was sampled, as the trace state says: ot=th, the
-- threshold of rejection in up to 14 hex digits of 2^56; or the older ot=p, halvings. null: it says nothing.
-- https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/
create or replace macro weight_of(trace_state) as
    case
        when regexp_matches(trace_state, '(^|[,;:=])th:[0-9a-f]{1,14}') then 1 / (
            1 - try_cast('0x' || rpad(
                regexp_extract(trace_state, '(?:^|[,;:=])th:([0-9a-f]{1,14})', 1), 14, '0'
            ) as bigint) / 72057594037927936.0
        )
        when regexp_matches(trace_state, 'ot=([^,]*;)?p:[0-9]{1,2}([;,]|$)') then pow(
            2, try_cast(regexp_extract(trace_state, 'p:([0-9]{1,2})', 1) as integer)
        )
    end
