delete from environments
where environment_id in (select environment_id from new_environments)
