-- Appends; an update would keep DuckDB from checkpointing while anybody reads.
insert into stitching_progress
select stitched_seq, $seq, hash_fingerprint from stitching_progress
