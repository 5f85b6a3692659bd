"""Keeps the bodies of exports that DuckDB refuses, for a person to look at."""

import os
from pathlib import Path

import structlog

from collector.batch import Export
from collector.errors import StoreUnavailable
from collector.store.segment import sync_directory

_log = structlog.get_logger(__name__)


class Quarantine:
    """A directory beside the database, made when first needed; a file is one protobuf body."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def set_aside(self, export: Export, error: Exception) -> None:
        """Writes the body to ``{seq}.{signal}.pb``, durably, and says so in the log.

        Raises:
            StoreUnavailable: there is no room for it; the export is not to be let go of.
        """
        path = self.directory / f"{export.seq:020d}.{export.signal}.pb"
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.write(export.body)
                file.flush()
                os.fsync(file.fileno())
            for directory in (self.directory, self.directory.parent):
                sync_directory(directory)
        except OSError as failure:
            raise StoreUnavailable(f"{path} cannot be written: {failure.strerror}") from failure
        _log.error(
            "an export cannot be stored; it is kept aside", path=str(path), reason=str(error)
        )
