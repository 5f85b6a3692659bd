delete from invocation_rows
where start_ns >= $from_ns and start_ns <= $to_ns and "key" in (select "key" from changing)
