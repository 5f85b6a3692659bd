-- Bytes received for the rows that are kept, and bytes of the file in use.
select
    coalesce((
        select sum(bytes)
        from exports
        where export_seq > (select deleted_seq from progress)
    ), 0)::bigint,
    (select sum(block_size * used_blocks) from pragma_database_size())::bigint
