-- One row per use: the duration at a place (counted from 0) between two that follow each other, by
-- the buckets the two lie in; as DuckDB's quantile_cont of the durations themselves.
create or replace macro quantile_between(lower_bucket, upper_bucket, place) as
    bucket_middle(lower_bucket)
    + (bucket_middle(upper_bucket) - bucket_middle(lower_bucket)) * (place - floor(place))
