delete from ignored_keys where "key" in (select "key" from forgotten)
