-- One row per function of these: the most memory any of its invocations in the window used.
select function, max(bucket) as used_mb
from figures_in($since_ns, $until_ns, false)
where figure = 22 and list_contains($functions, function)
group by function
order by function
