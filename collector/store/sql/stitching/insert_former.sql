-- Where ids lead that event traces had; an id whose way is another now has the newest row.
insert into former_ids
select id, leads_to, $run from former_rows
