-- The invocations whose figures may change, as they are now.
create temp table rows_after as
select * from made_rows
union all by name
select * from rows_before where "key" not in (select "key" from touched)
