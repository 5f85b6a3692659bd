-- Remembers flow shapes that are not known yet: when the first event trace of each began. A store that
-- has remembered none looks at everything.
insert into flow_sightings
select shape_id, min(start_ns)
from listed_event_traces
where start_ns >= if((select count(*) from flow_sightings) = 0, 0, $since_ns)
  and start_ns < $until_ns
  and shape_id is not null
  and shape_id not in (select shape_id from flow_sightings)
group by shape_id
