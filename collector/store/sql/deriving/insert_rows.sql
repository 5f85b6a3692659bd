insert into invocation_rows by name select * from made_rows order by start_ns
