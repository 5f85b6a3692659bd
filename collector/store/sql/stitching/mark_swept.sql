update stitching_progress set swept_seq = $seq
