-- One row per invocation of a table like invocation_rows and figure it adds one to. Figures:
-- 1 invocation, 2 error of any kind, 3 timeout, 4 out of memory, 5 cold, 6 provisioned, 7 snapshot
-- restore, 8 warm, 9 the first seen of its environment, 10 retry under the same id, 11 a throttled
-- call, which is no invocation, 20 duration,
-- 21 init, 22 memory used, 23 memory size, 24 duration of a cold one; from 30 on those of
-- cost_figures_of. bucket: of 20, 21 and 24 the number of bucket_of, of 22 and 23 the MB. amount: 1
-- but of costs.
create or replace macro figures_of(source) as table
select * from health_figures_of(source)
union all
select * from cost_figures_of(source)
