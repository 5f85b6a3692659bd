-- What was found out earlier about keys of which not every holder is loaded.
select "key", reason
from ignored_keys
where "key" in (
    select "key" from fragment_keys
    where run >= $loaded_from_seq and fragment_id in (select fragment_id from loaded)
    union all
    select "key" from made_keys
  )
  and not (
    $whole
    and "key" in (select "key" from touched union all select "key" from wider)
  )
