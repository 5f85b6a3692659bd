-- The same with what the functions logged of them, each line being of the attempt that began last
-- before it.
create temp table made_rows as
with placed as (
    select
        said."key",
        arg_min(start_ns, {
            'later': start_ns > time_ns + 1_000_000, 'apart': abs(time_ns - start_ns)
        }) as start_ns,
        any_value(cold) as cold, any_value(failed_items) as failed_items
    from said_lines as said join whole_rows as whole on whole."key" = said."key" and not spare
    group by said."key", time_ns, said.resource_id
),
logged as (
    select
        "key", start_ns, false as spare, bool_or(cold) as logged_cold,
        list_distinct(flatten(list(failed_items) filter (failed_items is not null))) as items
    from placed
    group by "key", start_ns
)
select
    whole_rows.*, logged_cold,
    -- A message that is named counts once, however many lines name it.
    coalesce(
        nullif(len(list_filter(items, lambda item: item[1] <> '@')), 0), len(items)
    )::integer as failed_items
from whole_rows left join logged using ("key", start_ns, spare)
