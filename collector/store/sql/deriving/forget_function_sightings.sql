delete from function_sightings where run <= $seq
