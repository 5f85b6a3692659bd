-- The last run, and export, whose ids stand in id_runs and id_exports; newer ones are searched.
select indexed_seq from index_progress
