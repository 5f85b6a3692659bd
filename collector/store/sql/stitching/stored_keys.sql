-- What they hold.
from fragment_keys
where run >= $loaded_from_seq
  and fragment_id in (select fragment_id from loaded)
