-- What the fragments made in this run hold.
create temp table made_keys as
select
    hash("text") as "key",
    hash(fragment) as fragment_id,
    * exclude (fragment),
    null::bigint as run
from made_occurrences
