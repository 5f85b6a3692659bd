-- Whether any message was sent or taken in a range of time; most stores have none, and then nothing has
-- to be read.
select exists (
    from fragment_keys
    where kind = 3 and role in (1, 2) and time_ns >= $since_ns and time_ns < $until_ns
)
