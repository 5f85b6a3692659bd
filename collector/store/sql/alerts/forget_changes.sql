-- The newest stays, however old: the numbers of changes go on from it.
delete from alert_changes
where changed_ns < $before_ns and change_seq < (select max(change_seq) from alert_changes)
