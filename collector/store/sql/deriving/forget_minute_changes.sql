delete from minute_changes where run <= $seq
