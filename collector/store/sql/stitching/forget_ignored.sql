delete from ignored_keys where run <= $seq
