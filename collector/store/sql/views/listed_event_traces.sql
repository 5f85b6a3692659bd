-- One row per event trace that lists show. What only the platform's lines tell of ran, but nobody says
-- what for, unless a line carries an id. The initialisation of an environment that nothing ties to what it then served is no event.
create or replace view listed_event_traces as
select *
from event_traces
where not (platform_only and len(correlation_ids) = 0)
  and not (invocation_count = 0 and span_count > 0 and span_count = cold_start_count)
