-- How many keys each run wrote, the newest first.
select run, count(*) from fragment_keys group by run order by run desc
