-- Appends; an update would keep DuckDB from checkpointing while anybody reads.
insert into derived_progress values ($seq)
