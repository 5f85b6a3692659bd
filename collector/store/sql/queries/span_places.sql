-- The exports that may have brought a span of this id, as far as they are indexed.
select distinct export_seq
from id_exports
where head = ($span_id::ubigint >> 32)::uinteger
order by export_seq
