-- One row per delivery that has not ended, with what it tells. A resolved alert was told of when
-- its target was told that it fires, since it resolved the last time.
with open_rows as (
    select * from alert_deliveries where state in ('waiting', 'failed')
),
told as (
    select
        open_rows.delivery_id,
        max(before.change_seq) filter (
            before.alert_state = 'firing'
            and (before.state in ('sent', 'failed', 'given_up') or before.message_id is not null)
        ) as fired_seq,
        max(before.change_seq) filter (before.alert_state = 'resolved') as resolved_seq
    from open_rows
    join alert_deliveries before
        on before.target = open_rows.target
        and before.rule_id = open_rows.rule_id
        and before.group_name = open_rows.group_name
        and before.change_seq < open_rows.change_seq
    where open_rows.alert_state = 'resolved'
    group by open_rows.delivery_id
)
select
    open_rows.delivery_id::varchar, open_rows.change_seq, open_rows.target, open_rows.reason,
    open_rows.message_id::varchar, open_rows.attempts, open_rows.created_ns, open_rows.first_try_ns, open_rows.next_ns,
    coalesce(told.fired_seq > coalesce(told.resolved_seq, 0), false),
    open_rows.change_id::varchar, open_rows.rule_id, open_rows.rule_name, open_rows.group_name, open_rows.alert_state,
    open_rows.severity, changes."value", changes.threshold, coalesce(changes.unit, ''),
    coalesce(changes.since_ns, open_rows.created_ns), coalesce(changes.changed_ns, open_rows.created_ns),
    changes.owner, changes.note, coalesce(changes.metric, ''), coalesce(changes.scope, '{}'),
    coalesce(changes.summary, '')
from open_rows
left join alert_changes changes using (change_id)
left join told using (delivery_id)
order by open_rows.change_seq, open_rows.delivery_id
