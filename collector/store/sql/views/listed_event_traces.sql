-- One row per event trace that lists show. Log records alone are no business event unless they name
-- one: the platform's lines on a batch invocation tie to none of the events it served.
create or replace view listed_event_traces as
select * from event_traces where span_count > 0 or len(correlation_ids) > 0
