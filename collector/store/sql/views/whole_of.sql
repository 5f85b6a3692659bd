-- One row per use: a whole number in a platform's line.
create or replace macro whole_of(event, path, body, pattern) as
    try_cast(word_of(event, path, body, pattern) as integer)
