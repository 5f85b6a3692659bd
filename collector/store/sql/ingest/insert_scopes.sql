insert into scopes by name
select distinct on (scope_id) * from incoming
where scope_id not in (select scope_id from scopes)
