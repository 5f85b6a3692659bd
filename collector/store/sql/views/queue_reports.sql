-- One row per queue, figure and time that metrics tell of in [since, before), the last report of each.
-- Levels: depth, age_s. Amounts: sent, taken, dead. A dead-letter queue of Service Bus is the queue's
-- part of that name.
create or replace macro queue_reports(since, before) as table
with read as (
    select
        name, time_ns, start_ns, attributes, resource_id, export_seq,
        coalesce(value_double, value_int::double) as value, sum,
        coalesce(list_max(quantile_values), sum / nullif(count, 0)) as greatest,
        text_of(attributes, 'Dimensions') as dimensions
    from metric_points
    where time_ns >= since and time_ns < before
      and (
          starts_with(name, 'amazonaws.com/AWS/SQS/') or starts_with(name, 'azure_')
          or starts_with(name, 'pubsub.googleapis.com/subscription/')
          or name in ('queue_worker_pending_messages', 'cloudtasks.googleapis.com/queue/depth')
      )
),
named as (
    select
        read.*,
        coalesce(
            nullif(regexp_extract(dimensions, '^\{"QueueName": ?"([^"]+)"\}$', 1), ''),
            text_of(resources.attributes, 'subscription_id'),
            text_of(resources.attributes, 'queue_id'),
            text_of(read.attributes, 'queue_name'),
            text_of(read.attributes, 'metadata_entityname'),
            text_of(read.attributes, 'name')
        ) || if(starts_with(name, 'azure_deadletteredmessages'), '/$deadletterqueue', '') as queue,
        case
            when starts_with(name, 'amazonaws.com/') then 'aws'
            when starts_with(name, 'azure_') then 'azure'
            when contains(name, 'googleapis') then 'gcp'
            else provider
        end as provider,
        region, account_id,
        case
            when name like '%/ApproximateNumberOfMessagesVisible' then 'depth'
            when name like '%/ApproximateAgeOfOldestMessage' then 'age_s'
            when name like '%/NumberOfMessagesSent' then 'sent'
            when name like '%/NumberOfMessagesDeleted' then 'taken'
            when name in ('azure_deadletteredmessages_maximum', 'azure_deadletteredmessages_average',
                'azure_activemessages_maximum', 'azure_activemessages_average') then 'depth'
            when name = 'azure_incomingmessages_total' then 'sent'
            when name = 'azure_completemessage_total' then 'taken'
            when name like '%/num_undelivered_messages' then 'depth'
            when name like '%/oldest_unacked_message_age' then 'age_s'
            when name like '%/ack_message_count' then 'taken'
            when name in ('queue_worker_pending_messages', 'cloudtasks.googleapis.com/queue/depth')
                then 'depth'
        end as figure
    from read left join resources using (resource_id)
),
last_said as (
    select
        queue, provider, figure, coalesce(nullif(start_ns, 0), time_ns) as at_ns,
        region, account_id, attributes,
        max_by(if(figure in ('depth', 'age_s'), coalesce(greatest, value), coalesce(sum, value)),
            export_seq) as amount,
        max(time_ns) as observed_ns
    from named
    where figure is not null and queue is not null
    group by all
)
select
    queue, provider, figure, at_ns, any_value(region) as region,
    any_value(account_id) as account_id, max(observed_ns) as observed_ns,
    if(figure in ('depth', 'age_s'), max(amount), sum(amount)) as amount
from last_said
group by queue, provider, figure, at_ns
