insert into platform_lines by name select * from new_facts
