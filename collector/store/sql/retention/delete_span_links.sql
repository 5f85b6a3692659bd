delete from span_links where export_seq <= $seq
