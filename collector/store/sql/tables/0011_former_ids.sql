create table former_ids (
    id ubigint,
    leads_to ubigint,
    run bigint
);
comment on table former_ids is
    'One row per id of a fragment that late data cut anew under other ids, or that is in no event trace any more, and that event traces may have had: leads_to is a fragment of what became of it, or a former id again.';
