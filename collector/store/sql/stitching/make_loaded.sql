-- Every stored fragment that takes part in this run. Shared ones, and log records that only a batch
-- is known to have written, are in no event trace by themselves: they come with those that name
-- them, and with keys that lead to them.
create temp table loaded as
with events as (
    select event_trace_id from near union all select event_trace_id from far
),
members_of as (
    select *
    from fragments
    where run >= $loaded_from_seq and event_trace_id in (select event_trace_id from events)
),
shared as (
    select shared_id as fragment_id from members_of where shared_id is not null
    union
    select fragment_id from members where "key" in (select "key" from followed)
    union
    select fragment_id from wider_members
)
select * from members_of
where fragment_id not in (select fragment_id from replaced)
union all
select *
from fragments
where run >= $shared_from_seq and (part = 2 or event_trace_id is null)
  and (event_trace_id is null or event_trace_id not in (select event_trace_id from events))
  and fragment_id in (select fragment_id from shared)
  and fragment_id not in (select fragment_id from replaced)
