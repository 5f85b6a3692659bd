select count(*) from minute_changes
