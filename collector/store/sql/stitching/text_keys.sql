-- The keys of texts: what is stored of them.
select number, hash("text") as "key" from given_texts
