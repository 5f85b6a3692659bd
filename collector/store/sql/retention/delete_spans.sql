delete from spans where export_seq <= $seq
