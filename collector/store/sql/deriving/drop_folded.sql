drop table if exists folded_sightings;
drop table if exists folded_hours;
