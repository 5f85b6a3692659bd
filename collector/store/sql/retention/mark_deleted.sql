-- Appends; an update would keep DuckDB from checkpointing while anybody reads.
insert into progress
select applied_seq, $seq from progress
