-- The event traces with a span that starts in [$since_ns, $until_ns) and matches, the newest first.
-- A trace that served several events counts for those whose fragments hold a searched value as a
-- key; where none does, for all of them.
-- Attributes are searched by value first: a list of texts costs half of a list of pairs.
with matching as (
    select distinct trace_id
    from spans
    where start_ns >= $since_ns and start_ns < $until_ns
      and ($text::varchar is null or contains(lower(name), lower($text)))
      and (
          $keys[1] is null
          or (
              list_contains(list_transform(attributes, lambda item: item.value), $values[1])
              and list_contains(attributes, {'key': $keys[1], 'value': $values[1]})
          )
          or resource_id in (
              select resource_id from resources
              where list_contains(attributes, {'key': $keys[1], 'value': $values[1]})
          )
      )
      and (
          $keys[2] is null
          or (
              list_contains(list_transform(attributes, lambda item: item.value), $values[2])
              and list_contains(attributes, {'key': $keys[2], 'value': $values[2]})
          )
          or resource_id in (
              select resource_id from resources
              where list_contains(attributes, {'key': $keys[2], 'value': $values[2]})
          )
      )
      and (
          $keys[3] is null
          or (
              list_contains(list_transform(attributes, lambda item: item.value), $values[3])
              and list_contains(attributes, {'key': $keys[3], 'value': $values[3]})
          )
          or resource_id in (
              select resource_id from resources
              where list_contains(attributes, {'key': $keys[3], 'value': $values[3]})
          )
      )
      and (
          $keys[4] is null
          or (
              list_contains(list_transform(attributes, lambda item: item.value), $values[4])
              and list_contains(attributes, {'key': $keys[4], 'value': $values[4]})
          )
          or resource_id in (
              select resource_id from resources
              where list_contains(attributes, {'key': $keys[4], 'value': $values[4]})
          )
      )
),
holders as (
    select distinct fragment_id
    from fragment_keys
    where "key" in (select hash('v:' || value) from (select unnest($values::varchar[]) as value))
),
candidates as (
    select
        event_trace_id, part, start_ns, holders.fragment_id is not null as holds,
        bool_or(holders.fragment_id is not null) over (partition by trace_id) as someone_holds
    from fragments
    semi join matching using (trace_id)
    left join holders using (fragment_id)
)
select event_trace_id
from candidates
where event_trace_id is not null and (part = 0 or holds or not someone_holds)
group by event_trace_id
order by max(start_ns) desc
limit $limit
