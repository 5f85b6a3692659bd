insert into id_exports
select (span_id >> 32)::uinteger as head, export_seq
from spans
where export_seq > (select indexed_seq from index_progress) and export_seq <= $seq
order by all
