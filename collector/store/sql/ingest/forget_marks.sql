-- Leaves the last mark only.
delete from progress where rowid < (select max(rowid) from progress)
