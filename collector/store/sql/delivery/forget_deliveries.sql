delete from alert_deliveries
where created_ns < $before_ns and state in ('sent', 'given_up', 'silenced', 'dropped')
