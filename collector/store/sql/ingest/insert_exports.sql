insert into exports by name select * from incoming
