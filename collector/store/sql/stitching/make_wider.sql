-- Keys of event traces that may change: what they tie depends on the parts these consist of.
create temp table wider as
select distinct "key"
from fragment_keys
where run >= $near_from_seq and kind > 2
  and fragment_id in (select fragment_id from near_fragments)
  and "key" not in (select "key" from touched)
  and "key" not in (
    select "key" from ignored_keys
    where reason = 'hub' or (reason = 'constant' and fragment_count > $settled)
  )
