-- The runs that may have written a key of one of the texts, or what has this fragment id or event
-- trace id, as far as they are indexed. Asked by itself: with few runs at hand, DuckDB reads their row
-- groups only.
select distinct run
from id_runs semi join (
    select (hash(text) >> 32)::uinteger as head from (select unnest($texts::varchar[]) as text)
    union all
    select ($fragment_id::ubigint >> 32)::uinteger
) using (head)
order by run
