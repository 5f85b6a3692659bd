delete from id_exports where export_seq <= $seq
