-- Puts into the touched invocations what the functions logged of them, each line being of the attempt
-- that began last before it.
update made_rows
set
    logged_cold = said.cold,
    -- A message that is named counts once, however many lines name it.
    failed_items = coalesce(
        nullif(len(list_filter(said.items, lambda item: item[1] <> '@')), 0), len(said.items)
    )
from (
    select
        "key", start_ns, bool_or(cold) as cold,
        list_distinct(flatten(list(failed_items) filter (failed_items is not null))) as items
    from (
        select
            said."key",
            arg_min(start_ns, {
                'later': start_ns > time_ns + 1_000_000, 'apart': abs(time_ns - start_ns)
            }) as start_ns,
            any_value(cold) as cold, any_value(said.failed_items) as failed_items
        from said_lines as said join made_rows as made on made."key" = said."key" and not spare
        group by said."key", time_ns, said.resource_id
    )
    group by "key", start_ns
) as said
where made_rows."key" = said."key" and made_rows.start_ns = said.start_ns and not spare
