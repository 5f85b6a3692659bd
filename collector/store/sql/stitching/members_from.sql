select least(
    coalesce(min(run), $default_seq), $seeds_from_seq
)
from members
where "key" in (select "key" from followed)
