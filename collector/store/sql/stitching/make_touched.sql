-- Keys of what this run makes anew, and of fragments it is told to look at again. What is known to
-- tie nothing, and is held by many, is not looked at again while many hold it.
create temp table touched as
select distinct "key"
from (
    select "key" from made_keys where kind > 0
    union all
    select "key" from replaced_keys
    union all
    select "key"
    from fragment_keys
    where run >= $seeds_from_seq and kind > 0
      and fragment_id in (select unnest($seeds::ubigint[]))
)
where "key" not in (
    select "key" from ignored_keys
    where (reason = 'hub' and "key" not in (select "key" from lessened))
       or (reason = 'constant' and fragment_count > $settled)
)
