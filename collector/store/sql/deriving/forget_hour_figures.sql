delete from hour_figures where run <= $seq
