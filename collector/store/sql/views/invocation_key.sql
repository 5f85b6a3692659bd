-- One row per use: the hash of the key that an invocation id is among those of fragments.
create or replace macro invocation_key(invocation_id) as
    hash(if(regexp_full_match(invocation_id, '[0-9a-f]{32}'), 't:', 'v:') || invocation_id)
