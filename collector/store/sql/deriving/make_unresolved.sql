-- The invocations to write anew: the touched ones, and those whose environment tells something new.
create temp table unresolved as
select * from made_rows
union all by name
select * replace ($up_to_seq::bigint as run)
from rows_before
where "key" not in (select "key" from touched)
