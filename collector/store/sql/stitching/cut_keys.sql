-- What they hold.
select
    hash("text") as "key",
    hash(fragment) as fragment_id,
    * exclude (fragment),
    null::bigint as run
from made_occurrences
