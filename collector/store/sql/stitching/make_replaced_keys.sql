-- What the replaced fragments held: with them go the ties they made.
create temp table replaced_keys as
select distinct "key"
from fragment_keys
where run >= $from_seq and kind > 0
  and fragment_id in (select fragment_id from replaced)
