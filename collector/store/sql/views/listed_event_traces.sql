-- One row per event trace that lists show. Log records alone are no business event unless they name
-- one: the platform's lines on a batch invocation tie to none of the events it served. Nor is the
-- initialisation of an environment that nothing ties to what it then served.
create or replace view listed_event_traces as
select *
from event_traces
where (span_count > 0 or len(correlation_ids) > 0)
  and not (invocation_count = 0 and span_count > 0 and span_count = cold_start_count)
