delete from invocation_rows where run <= $seq
