select
    silence_id::varchar, rule, group_glob, severity, reason, author, starts_ns, ends_ns, created_ns
from alert_silences
where ends_ns > $ending_after_ns
order by ends_ns desc, silence_id
