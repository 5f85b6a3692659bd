-- The invocations to write anew, as they are now.
create temp table rows_after as
select * from resolved_rows('made_rows')
