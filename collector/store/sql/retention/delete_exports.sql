-- An export is remembered as long as its rows are kept, and at least for the dedup window.
delete from exports where export_seq <= $seq and received_ns < $before_ns
