-- A value whose text this run did not read is found among those of the fragments.
insert into ignored_keys by name
with texts as (
    select distinct hash('v:' || value) as "key", value
    from (select unnest(correlation_ids) as value from fragments_now)
)
select ignored_rows.* replace (coalesce(ignored_rows.value, texts.value) as value)
from ignored_rows left join texts using ("key")
