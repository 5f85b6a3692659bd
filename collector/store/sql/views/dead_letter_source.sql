-- One row per use: the queue whose dead letters a queue of this name holds, by usual names; an empty
-- text where it says only that it holds some, null where it says nothing of the kind.
create or replace macro dead_letter_source(queue) as
    case
        when regexp_matches(lower(queue), '/\$dead_?letter_?queue')
            then regexp_extract(queue, '^(.*?)/\$', 1)
        when regexp_matches(lower(queue),
            '(^|[-_.])(dead[-_]?letters?([-_]queue)?|dlq|dlt|poison)(\.fifo)?$|dlq(\.fifo)?$')
            then regexp_replace(queue,
                '(?i)[-_.]*(dead[-_]?letters?([-_]queue)?|dlq|dlt|poison)(\.fifo)?$', '\3')
    end
