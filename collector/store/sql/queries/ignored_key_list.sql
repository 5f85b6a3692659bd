-- Keys that joined nothing and were seen in the window, those that most fragments hold first.
select kind, value, reason, fragment_count, first_ns, last_ns
from ignored_keys
where last_ns >= $since_ns and first_ns < $until_ns
order by fragment_count desc, kind, value
limit $limit
