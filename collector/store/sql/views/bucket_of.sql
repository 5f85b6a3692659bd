-- One row per use: the number of the bucket of a duration: bounds are powers of 1.016, so that the
-- middle of a bucket is within 0.8 % of all in it; below 1 µs all are one.
create or replace macro bucket_of(duration_ns) as
    if(duration_ns is null, null, ceil(ln(greatest(duration_ns, 1_000)) / ln(1.016))::integer)
