insert into fragment_keys by name
select * exclude ("text") replace ($run as run)
from keys_now
where fragment_id in (select fragment_id from placed)
