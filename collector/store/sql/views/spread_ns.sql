-- One row per use: the ns of all values of a histogram of ns together, each in whole steps, begun ones
-- counted, as if it lay in the middle of its bucket; in the last, which has no end, at its beginning.
-- null: it has no buckets.
create or replace macro spread_ns(bucket_counts, bounds, step_ns) as
    case when len(bounds) > 0 then list_sum(list_transform(
        range(1, len(bucket_counts) + 1),
        lambda each: bucket_counts[each] * step_ns * ceil(
            coalesce((coalesce(bounds[each - 1], 0) + bounds[each]) / 2, bounds[each - 1]) / step_ns
        )
    )) end
