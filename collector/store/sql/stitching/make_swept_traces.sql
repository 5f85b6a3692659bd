-- The traces of which older fragments are there.
create temp table dirty_traces as
select distinct trace_id
from fragments
where run > $swept_seq
  and fragment_id in (select fragment_id from swept where again)
  and trace_id is not null
