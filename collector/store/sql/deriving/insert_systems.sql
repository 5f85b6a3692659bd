-- What runs the destinations of messages that were not known before.
insert into message_systems by name
select
    destination,
    max(lower(coalesce(
        text_of(spans.attributes, 'messaging.system'),
        if(text_of(spans.attributes, 'cloudflare.queue.name') is null, null, 'cloudflare_queues'),
        text_of(spans.attributes, 'rpc.service')
    ))) as system,
    max(provider) as provider, max(region) as region, max(account_id) as account_id,
    $up_to_seq::bigint as run
from spans left join resources using (resource_id)
where export_seq > $after_seq and export_seq <= $up_to_seq
  and destination is not null
  and not exists (
      select 1 from message_systems as known where known.destination = spans.destination
  )
group by destination
