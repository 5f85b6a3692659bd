-- What they hold.
select *, null as "text"
from fragment_keys
where run >= $loaded_from_seq
  and fragment_id in (select fragment_id from loaded)
union all by name
select * from made_keys
