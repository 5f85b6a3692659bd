-- One row per step of time in which messages of a queue were seen to be sent or taken.
select
    time_ns // $step_ns * $step_ns as time_ns,
    count(distinct "key") filter (role = 1) as in_count,
    count(distinct "key") filter (role = 2) as out_count
from fragment_keys
where kind = 3 and role in (1, 2) and place = $queue
  and time_ns >= $since_ns and time_ns < $until_ns
group by 1
order by 1
