-- Names of functions by who sent telemetry: the interned resources, so no record is read.
select distinct function
from resources
where function is not null
order by function
limit $limit
