-- How far deliveries were planned, and the last change there is.
select
    (select max(change_seq) from delivery_progress),
    (select coalesce(max(change_seq), 0) from alert_changes)
