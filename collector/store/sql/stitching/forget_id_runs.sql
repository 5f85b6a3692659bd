delete from id_runs where run <= $seq
