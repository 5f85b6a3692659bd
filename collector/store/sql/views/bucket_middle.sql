-- One row per use: the duration in ns that a bucket of bucket_of stands for.
create or replace macro bucket_middle(bucket) as exp((bucket - 0.5) * ln(1.016))
