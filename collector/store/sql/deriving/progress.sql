-- How far the derived model is, and how far it could be.
select
    max(derived_seq),
    (select applied_seq from progress),
    (select deleted_seq from progress)
from derived_progress
