"""Makes what was stitched findable by any id, in a thread of its own: no run waits for it."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from collector.store import stitching
from collector.store.database import Database

# Keys in a section of the index of ids. A look-up reads one row group in eight of it, and all keys
# that are in none yet: at 20 million spans 15 sections of a million and half a million keys.
SECTION_KEYS: Final = 1_000_000


class Indexer:
    """Makes a section of the index of ids whenever enough keys wait for one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._threads = ThreadPoolExecutor(1, "indexer")
        self._section: Future[int] | None = None
        self._waiting = SECTION_KEYS  # what is stored is looked at once
        self._looked_at = 0  # how many of these the section that is being made knows of

    def wrote(self, keys: int) -> None:
        """So many keys more are in no section; those of a run that replaced others count twice."""
        self._waiting += keys

    def go_on(self) -> None:
        """Begins a section if one is due.

        Raises:
            StoreUnavailable: the last one could not be stored; worth trying again later.
            duckdb.Error: it could not be made, for want of memory for example.
        """
        if self._section is not None:
            if not self._section.done():
                return
            ended, self._section = self._section, None
            left = ended.result()
            self._waiting += left - self._looked_at
        if self._waiting >= SECTION_KEYS:
            self._looked_at = self._waiting
            self._section = self._threads.submit(self._make)

    def stop(self) -> None:
        """Ends after the section that is being made."""
        self._threads.shutdown()

    def _make(self) -> int:
        """How many keys wait for the next section."""
        found = self._database.derive(lambda cursor: stitching.index_ids(cursor, SECTION_KEYS))
        return found if found < SECTION_KEYS else found - SECTION_KEYS
