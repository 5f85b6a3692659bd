-- The stored fragments that hold one of those, where it can tie something.
create temp table wider_members as
with held as (
    select "key", fragment_id, kind, role, run
    from fragment_keys
    where run > $floor_seq and kind > 0
      and "key" in (select "key" from wider)
),
tying as (
    select "key"
    from held
    group by "key"
    having min(fragment_id) <> max(fragment_id) and bool_or(kind <> 9 or role = 2)
)
select "key", fragment_id, run from held where "key" in (select "key" from tying)
