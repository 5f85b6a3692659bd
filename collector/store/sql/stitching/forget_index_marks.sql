-- Leaves the last mark only.
delete from index_progress where rowid < (select max(rowid) from index_progress)
