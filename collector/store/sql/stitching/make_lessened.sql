-- Hub keys that a fragment held before it was made anew, and holds no longer, where so few are left
-- that they may be hubs no more.
create temp table lessened as
with given_up as (
    select distinct held."key"
    from fragment_keys as held
    where held.run >= $from_seq and held.kind > 0
      and held.fragment_id in (select fragment_id from replaced)
      and held."key" in (select "key" from ignored_keys where reason = 'hub')
      and not exists (
        from made_keys
        where made_keys."key" = held."key" and made_keys.fragment_id = held.fragment_id
      )
)
select "key"
from fragment_keys
where "key" in (select "key" from given_up)
group by "key"
having count(distinct fragment_id) <= $most
