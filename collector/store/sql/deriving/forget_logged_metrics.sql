delete from logged_metrics where run <= $seq
