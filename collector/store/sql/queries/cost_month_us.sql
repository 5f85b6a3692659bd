-- One row: the µs all functions together were billed for in whole hours.
select coalesce(sum(amount), 0)::hugeint
from (
    select figure, minute, amount from hour_figures
    union all
    select figure, minute, amount from minute_changes
)
where (figure between 33 and 35 or figure between 53 and 55)
  and minute >= $since_ns // 60_000_000_000 and minute < $until_ns // 60_000_000_000
