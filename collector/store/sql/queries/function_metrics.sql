-- A row where any metric about functions came for the window, as a point or in a log line; most stores
-- have none, and then nothing has to be read.
select true
from (
    select 1
    from metric_points
    where time_ns >= $since_ns and time_ns < $until_ns + 3_600_000_000_000
      and (
          starts_with(name, 'amazonaws.com/AWS/Lambda/') or starts_with(name, 'faas.')
          or starts_with(name, 'cloudfunctions.googleapis.com/function/')
          or starts_with(name, 'run.googleapis.com/') or starts_with(name, 'kn.')
          or starts_with(name, 'gateway_function') or starts_with(name, 'azure_functionexecution')
          or starts_with(name, 'azure_ondemandfunctionexecution')
      )
    union all
    select 1
    from logged_metrics
    where name = 'ColdStart' and time_ns >= $since_ns and time_ns < $until_ns
)
limit 1
