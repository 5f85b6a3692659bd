delete from message_systems where run <= $seq
