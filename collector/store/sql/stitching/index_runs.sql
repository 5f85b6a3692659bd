-- A key that a run wrote twice stands once; so does the id of a fragment and its event trace.
insert into id_runs
select (id >> 32)::uinteger as head, run
from (
    select "key" as id, run from fragment_keys
    where run > (select indexed_seq from index_progress) and run <= $seq
    union all
    select unnest([fragment_id, event_trace_id]), run from fragments
    where run > (select indexed_seq from index_progress) and run <= $seq
)
where id is not null
group by all
order by all
