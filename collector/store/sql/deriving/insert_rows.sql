insert into invocation_rows by name select * from rows_after
