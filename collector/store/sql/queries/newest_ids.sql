-- Whether one of the keys, or the id of a fragment or event trace, is among what the index does not
-- hold yet: one row if so. Planning what would read it costs more than this.
select 1
from fragment_keys
where run > $indexed_seq
  and "key" in (select hash(text) from (select unnest($texts::varchar[]) as text))
union all
select 1
from fragments
where run > $indexed_seq and (fragment_id = $fragment_id or event_trace_id = $fragment_id)
limit 1
