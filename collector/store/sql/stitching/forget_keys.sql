delete from fragment_keys where run <= $seq
