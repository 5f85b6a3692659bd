-- How many event traces that match began in each step of time, by how they ended.
select
    $since_ns + (start_ns - $since_ns) // $step_ns * $step_ns as step_ns,
    status,
    count(*) as event_count
from matching_event_traces(
    $since_ns, $until_ns, $functions, $status, $cold, $retried, $duplicate, $dead_lettered,
    $min_duration_ns, $max_duration_ns, $min_wait_ns, $correlation_id, $shape_id, $ids, $text,
    $text_ids
)
group by all
order by all
