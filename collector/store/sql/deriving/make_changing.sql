-- Invocations that are or were the first of an environment of which something new is told, beside
-- the touched ones: it may change their figures.
create temp table changing as
select distinct "key", start_ns
from (
    select first_key as "key", first_start_ns as start_ns from new_environments
    union all
    select first_key, first_start_ns
    from environments
    where environment_id in (select environment_id from new_environments)
)
where "key" is not null and "key" not in (select "key" from touched)
