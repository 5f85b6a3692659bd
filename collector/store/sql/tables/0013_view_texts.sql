create table view_texts (
    digest varchar
);
comment on table view_texts is
    'One row: the digest of the texts the views were made from and of the schema they were made over; while it is that of this build they are not made again.';
insert into view_texts values ('');
