-- How far the index of ids is, apart from how far stitching is: the two go on at the same time.
create table index_progress (
    indexed_seq bigint
);
comment on table index_progress is
    'One row: the last run whose ids are in id_runs and id_exports.';
insert into index_progress select indexed_seq from stitching_progress;
alter table stitching_progress drop column indexed_seq;
comment on table stitching_progress is
    'One row: the last export whose records are stitched; the last run whose keys were sought in all that is stored; the hash function the keys are made with.';
