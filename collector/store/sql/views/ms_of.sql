-- One row per use: a duration in a platform's line as ns; lines say ms.
create or replace macro ms_of(event, path, body, pattern) as
    round(try_cast(word_of(event, path, body, pattern) as double) * 1e6)::bigint
