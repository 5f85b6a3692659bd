-- Appends; an update would keep DuckDB from checkpointing while anybody reads.
insert into index_progress values ($seq)
