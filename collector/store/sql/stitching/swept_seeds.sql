-- The fragments to look at again.
select fragment_id, min(run) from swept where not again group by fragment_id
