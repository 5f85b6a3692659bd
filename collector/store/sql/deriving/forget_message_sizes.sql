delete from message_sizes where run <= $seq
