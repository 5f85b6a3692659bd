-- All fragments of this run, stored and made; event_trace_id is that of the stored.
select *, false as made from loaded
union all by name
select *, true as made from made
