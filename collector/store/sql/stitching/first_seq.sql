-- The export after which the records of all that is made anew lie.
select least($after_seq, min(first_seq) - 1) from replaced
