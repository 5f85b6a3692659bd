delete from span_events where export_seq <= $seq
