-- One row per use: the hash of the key that a message id is among those of fragments: anywhere where
-- it is unique, else at its destination. collector/model/stitching/keys.py says what is unique.
create or replace macro message_key(destination, message_id) as
    hash(
        if(
            length(replace(message_id, '-', '')) >= 16
                and regexp_matches(message_id, '(?:[0-9][^0-9]*){4}')
                and regexp_matches(message_id, '[A-Za-z]'),
            if(regexp_full_match(message_id, '[0-9a-f]{32}'), 't:', 'v:'),
            'm:' || coalesce(destination, '') || '/'
        ) || message_id
    )
