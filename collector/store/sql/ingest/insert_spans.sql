insert into spans by name select * from incoming
