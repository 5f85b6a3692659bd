select coalesce(min(run), $default_seq) from wider_members
