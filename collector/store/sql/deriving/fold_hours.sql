insert into hour_figures by name
select * from folded_hours order by minute, function, version, figure, bucket
