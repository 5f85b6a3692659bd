-- Where functions run and in which language, as the resources they sent say.
select
    function,
    max(provider) as provider,
    max(list_filter(attributes, lambda item: item.key = 'telemetry.sdk.language')[1].value)
        as language
from resources
where function is not null
group by function
order by function
limit $limit
