select coalesce(min(run), $default_seq) from replaced
