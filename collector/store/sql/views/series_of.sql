-- One row per use: what all points of one series have in common, as one number.
create or replace macro series_of(name, type, temporality, function, resource_id, attributes) as
    hash(name, type, temporality, function, resource_id, attributes)
