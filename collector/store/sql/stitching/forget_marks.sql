-- Leaves the last mark only.
delete from stitching_progress where rowid < (select max(rowid) from stitching_progress)
