delete from hour_figures
where minute in (select distinct minute // 60 * 60 from minute_changes)
