update delivery_progress set change_seq = $seq
