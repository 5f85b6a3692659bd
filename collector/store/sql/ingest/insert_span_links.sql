insert into span_links by name select * from incoming
