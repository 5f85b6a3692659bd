-- One row per figure of a function, version and minute within [since, before), several adding up:
-- whole hours and whole minutes as they are stored, and what lies in the first and last minute
-- counted anew. Of a whole hour all is said of its first minute, unless by_minute.
create or replace macro figures_in(since, before, by_minute) as table
select function, version, minute, figure, bucket, amount
from hour_figures
where minute >= if(by_minute, 0, (since + 3_599_999_999_999) // 3_600_000_000_000 * 60)
  and minute < if(by_minute, 0, before // 3_600_000_000_000 * 60)
union all
select function, version, minute, figure, bucket, amount
from minute_figures
where minute >= (since + 59_999_999_999) // 60_000_000_000
  and minute < least(
      before // 60_000_000_000,
      if(
          by_minute, before // 60_000_000_000,
          (since + 3_599_999_999_999) // 3_600_000_000_000 * 60
      )
  )
union all
select function, version, minute, figure, bucket, amount
from minute_figures
where not by_minute
  and minute >= greatest(
      before // 3_600_000_000_000 * 60, (since + 3_599_999_999_999) // 3_600_000_000_000 * 60
  )
  and minute < before // 60_000_000_000
union all
select function, version, minute, figure, bucket, amount
from minute_changes
where minute >= (since + 59_999_999_999) // 60_000_000_000 and minute < before // 60_000_000_000
union all
select function, version, minute, figure, bucket, amount
from figures_of('invocation_rows')
where start_ns >= since and start_ns < before
  and (
      start_ns < (since + 59_999_999_999) // 60_000_000_000 * 60_000_000_000
      or start_ns >= before // 60_000_000_000 * 60_000_000_000
  )
