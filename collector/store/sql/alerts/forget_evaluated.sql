delete from alert_progress
