update stitching_progress set stitched_seq = $seq, hash_fingerprint = $fingerprint
