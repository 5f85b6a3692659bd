-- What was decided about keys of an event trace: those that join nothing, with the reason.
select "text", kind, reason, fragment_count
from ignored_keys
join (select unnest($texts::varchar[]) as "text") as wanted on hash(wanted."text") = ignored_keys."key"
order by fragment_count desc, "text"
