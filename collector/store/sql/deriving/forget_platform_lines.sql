delete from platform_lines where run <= $seq
