delete from former_ids where run <= $seq
