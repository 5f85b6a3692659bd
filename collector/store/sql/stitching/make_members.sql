-- The stored fragments that hold a touched key, but for those replaced.
create temp table members as
select "key", fragment_id, kind, role, time_ns, run
from fragment_keys
where run > $floor_seq and kind > 0
  and "key" in (select "key" from touched)
  and fragment_id not in (select fragment_id from replaced)
