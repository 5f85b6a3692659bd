-- The stored fragments that hold one of those, where it can tie something. As for members, only keys
-- are read at first.
create temp table wider_members as
with held as (
    select "key", fragment_id, kind, role, run
    from fragment_keys
    where rowid in (
        select rowid from fragment_keys where run > $floor_seq and "key" in (select "key" from wider)
    )
      and kind > 0
),
tying as (
    select "key"
    from held
    group by "key"
    having min(fragment_id) <> max(fragment_id) and bool_or(kind <> 9 or role = 2)
)
select "key", fragment_id, run from held where "key" in (select "key" from tying)
