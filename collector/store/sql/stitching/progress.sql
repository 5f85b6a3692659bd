-- How far stitching is, and how far it could be.
select
    stitched_seq,
    swept_seq,
    hash_fingerprint,
    hash('lockstitch') as fingerprint,
    (select applied_seq from progress) as applied_seq,
    (select deleted_seq from progress) as deleted_seq
from stitching_progress
