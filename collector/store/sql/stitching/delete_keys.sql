delete from fragment_keys
where run >= $from_seq and fragment_id in (select fragment_id from gone)
