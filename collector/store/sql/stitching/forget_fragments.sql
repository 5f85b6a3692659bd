delete from fragments where run <= $seq
