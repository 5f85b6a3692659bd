-- Whether any message was sent or taken, or a workflow ran, in a range of time, and whether metrics tell of
-- workflows; most stores have neither, and then nothing has to be read.
select
    exists (
        from fragment_keys
        where kind = 3 and role in (1, 2) and time_ns >= $since_ns and time_ns < $until_ns
    )
    or exists (from workflow_events where time_ns >= $since_ns and time_ns < $until_ns),
    exists (
        from metric_points
        where starts_with(name, 'amazonaws.com/AWS/States/')
          and time_ns >= $since_ns and time_ns < $until_ns + 3_600_000_000_000
    )
