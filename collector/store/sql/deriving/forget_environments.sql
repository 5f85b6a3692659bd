delete from environments where run <= $seq
