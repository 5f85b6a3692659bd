select
    delivery_id::varchar, change_id::varchar, message_id::varchar, silence_id::varchar, target,
    rule_id, rule_name, group_name, severity, alert_state, reason, state, attempts, created_ns,
    case when ended_ns is null then next_ns end, ended_ns, http_status, latency_ms, error
from alert_deliveries
where created_ns >= $since_ns
    and created_ns < $until_ns
    and ($target is null or target = $target)
    and ($rule is null or rule_id = $rule or rule_name = $rule)
    and ($state is null or state = $state)
order by created_ns desc, change_seq desc, delivery_id
limit $most
