insert into platform_lines by name
select * from new_facts
union all by name
select * from new_told
