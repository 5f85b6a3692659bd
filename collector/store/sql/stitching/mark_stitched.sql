update stitching_progress
set stitched_seq = $seq,
    swept_seq = if($whole, $seq, swept_seq),
    hash_fingerprint = $fingerprint
