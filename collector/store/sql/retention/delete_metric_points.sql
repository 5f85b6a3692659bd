delete from metric_points where export_seq <= $seq
