-- The touched invocations of which one span alone is known, as most are without platform lines.
create temp table alone as
select "key"
from parts
group by "key"
having count(*) = 1 and min(kind) = 0
