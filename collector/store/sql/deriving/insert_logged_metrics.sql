insert into logged_metrics by name
select * exclude (instance, environment_id) from new_logged where amount > 0
