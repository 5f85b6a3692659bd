insert into function_sightings by name select * from folded_sightings
