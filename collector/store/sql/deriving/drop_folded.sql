drop table if exists folded_sightings
