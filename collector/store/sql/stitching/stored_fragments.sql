-- The stored fragments of this run.
from loaded
