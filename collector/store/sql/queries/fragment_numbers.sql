-- The ids that fragments are stored under, by the texts they are made with.
select "text", hash("text") as fragment_id
from (select unnest($texts::varchar[]) as "text") as wanted
