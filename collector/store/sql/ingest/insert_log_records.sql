insert into log_records by name select * from incoming
