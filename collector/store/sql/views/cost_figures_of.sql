-- One row per invocation of a table like invocation_rows and figure of its costs it adds to: by how
-- much. Figures, each by fate 0, 1, 2 of billed_rows: 30..32 requests in thousandths, 33..35 billed
-- µs, 37..39 the same by the steps of Azure's plan Flex; 36 billed µs of initialisation; 40 requests,
-- in thousandths, of which the time is not told; 41 those that stand for others; 50..61 the same of
-- those of which nothing tells whether they were sampled. bucket: MB, 0 not told.
create or replace macro cost_figures_of(source) as table
with each as (
    select
        start_ns, function, version, (start_ns // 60_000_000_000)::integer as minute, memory_mb, rated,
        unnest([
            30 + fate,
            if(exec_us is null, null, 33 + fate),
            if(init_us = 0, null, 36),
            if(flex_us is null, null, 37 + fate),
            if(exec_us is null, 40, null),
            if(weight > 1, 41, null)
        ]) as figure,
        unnest([
            round(1000 * weight), round(exec_us * weight), round(init_us * weight),
            round(flex_us * weight), round(1000 * weight), round(1000 * weight)
        ]) as amount
    from billed_rows(source)
)
select
    start_ns, function, version, minute, (figure + if(rated, 0, 20))::utinyint as figure, memory_mb::integer as bucket,
    amount::bigint as amount
from each
where figure is not null and amount <> 0
