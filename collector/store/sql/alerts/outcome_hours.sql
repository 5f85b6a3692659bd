-- Hours of [$since_ns, $until_ns) in which an objective's event traces were judged for good.
select hour_ns, good, total
from outcome_hours
where slo_id = $slo_id and hour_ns >= $since_ns and hour_ns < $until_ns
order by hour_ns
