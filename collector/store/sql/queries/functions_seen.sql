-- The names of functions that sent telemetry, for the filters of pages.
select function from functions_seen order by function limit 500
