-- Touched keys that can tie something: held by two fragments, not as a business id by all (unless
-- one is the part of a batch that it names), and not only as the trace of the parts of one trace.
create temp table followed as
select "key"
from (
    select "key", fragment_id, kind, role from members
    union all
    select "key", fragment_id, kind, role
    from made_keys
    where "key" in (select "key" from touched)
)
group by "key"
having min(fragment_id) <> max(fragment_id) and bool_or(kind <> 9 or role = 2)
    and bool_or(kind > 1 or role < 3)
