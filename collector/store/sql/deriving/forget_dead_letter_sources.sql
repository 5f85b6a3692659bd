delete from dead_letter_sources where run <= $seq
