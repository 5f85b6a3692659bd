-- One row per figure of a function, version and minute within [since, before), several adding up:
-- whole minutes as they are stored, and what lies in the first and last minute counted anew.
create or replace macro figures_in(since, before) as table
select function, version, minute, figure, bucket, amount
from minute_figures
where minute >= (since + 59_999_999_999) // 60_000_000_000 and minute < before // 60_000_000_000
union all
select function, version, minute, figure, bucket, amount
from minute_changes
where minute >= (since + 59_999_999_999) // 60_000_000_000 and minute < before // 60_000_000_000
union all
select function, version, minute, figure, bucket, 1
from figures_of('invocation_rows')
where start_ns >= since and start_ns < before
  and (
      start_ns < (since + 59_999_999_999) // 60_000_000_000 * 60_000_000_000
      or start_ns >= before // 60_000_000_000 * 60_000_000_000
  )
