-- Keys of what was written since the last sweep that older rows hold too.
create temp table swept as
with written as (
    select "key", fragment_id, kind, role, run from fragment_keys where run > $swept_seq
),
held as (
    select "key", bool_or(kind = 1 and role = 3 or kind = 0) as home, bool_or(kind <> 9) as ties
    from fragment_keys
    where run <= $floor_seq and run <= $swept_seq
      and "key" in (select "key" from written)
    group by "key"
)
select
    "key", fragment_id, run, kind,
    home and (kind = 1 and role = 3 or kind = 0) as again
from written join held using ("key")
where (ties or kind <> 9)
  and "key" not in (
    select "key" from ignored_keys
    where reason = 'hub' or (reason = 'constant' and fragment_count > $settled)
  )
