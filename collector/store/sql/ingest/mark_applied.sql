update progress set applied_seq = $seq where applied_seq < $seq
