-- One row per use: the value of an attribute as text, null where there is none.
create or replace macro text_of(attributes, name) as
    list_filter(attributes, lambda each: each."key" = name)[1].value
