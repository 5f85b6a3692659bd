-- The invocations whose environment tells something new are made anew with the touched ones.
insert into made_rows by name
select * replace ($up_to_seq::bigint as run)
from rows_before
where "key" not in (select "key" from touched)
