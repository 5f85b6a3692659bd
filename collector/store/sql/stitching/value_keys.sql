-- What is to know of values that records name, as keys.py and mentions.py have it: the key of each
-- and what it is worth. Of those that are "whole" the text is that of the key itself.
with suspected as (
    -- A value with two digits or more letters than a word, whose ends are neither alike nor blank,
    -- dash or dot (all before "0"), is neither a word nor one letter again and again: nearly every
    -- id.
    select *, case
        when whole then null
        when value[1] = value[-1] or value[1] <= '/' or value[-1] <= '/' then lower(trim(value))
        when length(value) > 17 or regexp_matches(value, '[0-9][^0-9]*[0-9]') then null
        else lower(trim(value))
    end as word
    from given_values
),
said as (
    select
        *,
        not whole and length(value) = 32 and regexp_full_match(value, '[0-9a-f]{32}') as hex
    from suspected
),
texts as (
    select
        *,
        -- What has the form of a trace id shares the key of that trace.
        case when whole then value when hex then 't:' || value else 'v:' || value end as "text"
    from said
)
select
    number,
    hash("text") as "key",
    "text",
    hex,
    case
        when word is null then false
        when word in (select unnest($worthless::varchar[])) then true
        else ltrim(ltrim(value, '-.'), '-.' || ltrim(value, '-.')[1]) = ''
    end as worthless,
    length(replace(value, '-', '')) >= 16
        and regexp_matches(value, '(?:[0-9][^0-9]*){4}')
        and regexp_matches(value, '[A-Za-z]') as "unique",
    regexp_full_match(value, '[0-9]+') as digits,
    length(value) < 8 and regexp_full_match(value, '[0-9]{1,7}') as counter,
    -- Letters beyond ASCII, and blanks at its ends that trim() keeps.
    strlen(value) > length(value) or value[1] < ' ' or value[-1] < ' ' as odd
from texts
