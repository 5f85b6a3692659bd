delete from workflow_events where run <= $seq
