-- Leaves the last mark only.
delete from derived_progress where rowid < (select max(rowid) from derived_progress)
