-- Appends; an update would keep DuckDB from checkpointing while anybody reads.
insert into stitching_progress
select $seq, if($whole, $seq, swept_seq), $fingerprint
from stitching_progress
