-- Keys whose every holder is loaded, with the verdict of an earlier run.
select looked."key", ignored_keys.reason, ignored_keys.value
from (select "key" from touched union all select "key" from wider) as looked
join ignored_keys using ("key")
