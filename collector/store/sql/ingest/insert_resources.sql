-- Resources are content-addressed: one that is there already is the same.
insert into resources by name
select distinct on (resource_id) * from incoming
where resource_id not in (select resource_id from resources)
