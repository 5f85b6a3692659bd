insert into environments by name select * from new_environments
