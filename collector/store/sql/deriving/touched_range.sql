-- How many invocations are touched, when they were, and of how many environments was told.
select count(*), min(first_ns), max(last_ns), (select count(*) from new_inits) from touched
