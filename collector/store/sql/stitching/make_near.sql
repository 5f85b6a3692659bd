-- The event traces that the touched keys lead to; they may change.
create temp table near as
with found as (
    select event_trace_id
    from fragments
    where run >= $members_from_seq
      and fragment_id in (
        select fragment_id from members where "key" in (select "key" from followed)
        union all
        select unnest($seeds::ubigint[])
      )
    union all
    select event_trace_id from replaced
)
select distinct event_trace_id from found where event_trace_id is not null
