-- Which log records are the platform's own, so that lists show what else ran without a span. Of what is
-- stored, log records that name no trace and no event are taken for it until they are stitched anew.
alter table fragments add column platform_only boolean default false;
update fragments set platform_only = true
where part = 5 and len(correlation_ids) = 0;
alter table event_traces add column platform_only boolean default false;
update event_traces set platform_only = true
where span_count = 0 and len(correlation_ids) = 0 and len(trace_ids) = 0;
