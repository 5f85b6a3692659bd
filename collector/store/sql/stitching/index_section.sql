-- The last run of the next section of ids, null where too few keys wait for one; and how many wait. A
-- sweep may still add rows to the last run, which is left for the next section.
with waiting as (
    select run, count(*) as keys
    from fragment_keys, stitching_progress, index_progress
    where run > indexed_seq and run < stitched_seq
    group by run
),
summed as (select run, sum(keys) over (order by run) as so_far from waiting)
select min(run) filter (so_far >= $keys), coalesce(max(so_far), 0) from summed
