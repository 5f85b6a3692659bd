-- One row per use: a field of a platform's line: by path of its event, else by pattern of its text.
create or replace macro word_of(event, path, body, pattern) as
    if(event is null, nullif(regexp_extract(body, pattern, 1), ''), json_extract_string(event, path))
