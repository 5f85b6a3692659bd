insert into environments by name
select * from new_environments where first_key is not null or init_told is not null
