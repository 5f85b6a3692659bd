update progress set deleted_seq = $seq
