-- What new telemetry tells of dead-letter queues and what feeds them: redrive policies in log lines (of
-- CloudTrail, of what GetQueueAttributes answered; of Pub/Sub's audit log), beside the queue they are
-- of, and dead letters whose span names the queue they come from (letter d of keys).
insert into dead_letter_sources by name
with policies as (
    select
        regexp_extract(body,
            'deadLetterTargetArn[\\"'':\s=]+arn:[a-z-]+:sqs:[^:]*:\d*:([\w.-]+)', 1) as sqs_queue,
        coalesce(
            nullif(regexp_extract(body, '[qQ]ueueArn[\\"'':\s=]+arn:[a-z-]+:sqs:[^:]*:\d*:([\w.-]+)', 1), ''),
            nullif(regexp_extract(body, '[qQ]ueueUrl[\\"'':\s=]+https?://[^\s"''\\]+/([\w.-]+)', 1), ''),
            nullif(regexp_extract(body, '[qQ]ueueName[\\"'':\s=]+([\w.-]+)', 1), '')
        ) as sqs_source,
        regexp_extract(body, 'deadLetterTopic[\\"'':\s=]+projects/[^/]+/topics/([\w.~+%-]+)', 1)
            as topic,
        nullif(regexp_extract(body, 'projects/[^/]+/subscriptions/([\w.~+%-]+)', 1), '')
            as subscription
    from log_records
    where export_seq > $after_seq and export_seq <= $up_to_seq
      and (contains(body, 'deadLetterTargetArn') or contains(body, 'deadLetterTopic'))
),
letters as (
    select
        destination as queue,
        list_filter(keys, lambda each: each[1] = 'd' and len(each) > 1)[1][2:] as source_queue
    from spans
    where export_seq > $after_seq and export_seq <= $up_to_seq
      and destination is not null and keys is not null
),
told as (
    select sqs_queue as queue, sqs_source as source_queue, 'redrive policy' as evidence
    from policies
    union all
    select topic, subscription, 'redrive policy' from policies
    union all
    select queue, source_queue, 'dead letters' from letters
)
select distinct queue, source_queue, evidence, $up_to_seq::bigint as run
from told
where queue <> '' and source_queue <> queue
  and not exists (
      select 1 from dead_letter_sources as known
      where known.queue = told.queue and known.source_queue = told.source_queue
        and known.evidence = told.evidence
  )
