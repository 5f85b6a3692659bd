delete from minute_changes
