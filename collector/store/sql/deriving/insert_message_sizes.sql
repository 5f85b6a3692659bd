-- How large messages are, as spans that name one say: with its envelope, else its body. Spans of a
-- batch say how large all of it is.
insert into message_sizes by name
select message_key(destination, message_id) as "key", max(bytes) as bytes, $up_to_seq::bigint as run
from (
    select
        destination, message_id,
        try_cast(coalesce(
            text_of(attributes, 'messaging.message.envelope.size'),
            text_of(attributes, 'messaging.message.body.size'),
            text_of(attributes, 'messaging.message_payload_size_bytes')
        ) as bigint) as bytes
    from spans
    where export_seq > $after_seq and export_seq <= $up_to_seq
      and message_id is not null
      and coalesce(len(list_filter(keys, lambda each: each[1] = 'b' and each <> 'b1')), 0) = 0
)
where bytes > 0
group by all
