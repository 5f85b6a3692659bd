-- Whether in the window metrics tell of queues, messages do, and event traces ended dead-lettered: most
-- stores lack some of these, and then what follows has not to be asked.
select
    exists (
        from metric_points
        where time_ns >= $since_ns and time_ns < $until_ns
          and (
              starts_with(name, 'amazonaws.com/AWS/SQS/') or starts_with(name, 'azure_')
              or starts_with(name, 'pubsub.googleapis.com/subscription/')
              or name in ('queue_worker_pending_messages', 'cloudtasks.googleapis.com/queue/depth')
          )
    ) as metrics,
    exists (
        from fragment_keys
        where kind = 3 and role in (1, 2) and time_ns >= $since_ns and time_ns < $until_ns
    ) as messages,
    exists (
        from event_traces
        where status = 'dead_lettered' and start_ns < $until_ns and end_ns >= $since_ns
    ) as dead_letters
