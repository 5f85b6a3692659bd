-- One row per attempt of one function to handle one trigger, merged from its spans and what the platform
-- and it itself logged: see told_invocations; with where it ran. Its event trace: event_trace_of.
create or replace view invocations as
select told.*, provider, platform, region, account_id
from told_invocations as told
left join (select resource_id, provider, platform, region, account_id from resources) as place
    using (resource_id)
