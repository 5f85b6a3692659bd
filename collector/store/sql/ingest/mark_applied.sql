-- Appends; an update would keep DuckDB from checkpointing while anybody reads.
insert into progress
select greatest(applied_seq, $seq), deleted_seq from progress
