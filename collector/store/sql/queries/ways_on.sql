-- Where an id leads that an event trace had and whose fragment is no more: one row per step, the first
-- step first. What it leads to may have been cut anew in its turn.
with recursive way as (
    select $id::ubigint as id, 0 as step
    union
    select newest.leads_to, step + 1
    from way join (
        select id, arg_max(leads_to, run) as leads_to from former_ids group by id
    ) newest using (id)
    where step < 100
)
select id from way where step > 0 order by step
