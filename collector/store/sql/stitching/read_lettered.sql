-- The lettered keys of spans and log records of these traces, one a row; "usual": what they say does
-- not change how their trace is cut.
select
    trace, letter, value, time_ns, until_ns, function,
    letter in ('k', 'w', 'f', 'n', 'r', 'g', 'b')
        and (letter <> 'b' or regexp_full_match(value, '0*1|0*|.*[^0-9].*'))
        -- The id of one request, which says nothing on the span that made it.
        and (letter <> 'k' or value[1:2] <> $request_family)
        and (letter <> 'r' or regexp_full_match(value, '[0-9]{1,4}')) as usual
from (
    select trace, text[1] as letter, text[2:] as value, time_ns, until_ns, function
    from (
        select
            trace, start_ns as time_ns,
            greatest(start_ns, coalesce(end_ns, start_ns)) as until_ns,
            function, unnest(keys) as text
        from given_spans
        where keys is not null
        union all
        select trace, time_ns, time_ns, function, unnest(keys)
        from given_logs
        where keys is not null
    )
)
