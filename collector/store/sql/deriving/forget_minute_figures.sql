delete from minute_figures where run <= $seq
