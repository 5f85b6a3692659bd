delete from log_records where export_seq <= $seq
