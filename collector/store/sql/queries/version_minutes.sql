-- One row per version of a function that had invocations in a range of minutes: the first and the last
-- of those.
with told as (
    select version, minute, amount from minute_figures
    where minute >= $since and minute < $until and function = $function and figure = 1
    union all
    select version, minute, amount from minute_changes
    where minute >= $since and minute < $until and function = $function and figure = 1
),
minutes as (
    select version, minute from told group by version, minute having sum(amount) > 0
)
select version, min(minute), max(minute)
from minutes
group by version
