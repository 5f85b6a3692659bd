"""Opens the DuckDB file: what may be configured, what can go wrong and what to do about it."""

import re
import time
from pathlib import Path
from typing import Any, Final

import duckdb
import structlog
from duckdb import DuckDBPyConnection as Cursor

from collector.errors import StoreError, StoreLocked, StoreTooNew
from collector.store import schema, twice

# The writer starts every checkpoint itself, at a moment it knows of.
_NO_AUTOMATIC_CHECKPOINT: Final = f"{2**50}B"
_MAX_TEMPORARY: Final = "2GiB"

_log = structlog.get_logger(__name__)


def beside(path: Path, suffix: str) -> Path:
    """A companion of the database file: ``store.duckdb`` + ``.wal``."""
    return path.with_name(path.name + suffix)


def connect(path: Path, memory_bytes: int, threads: int) -> Cursor:
    """Opens or creates the file and brings it to the schema of this build.

    Raises:
        StoreTooNew, StoreLocked, StoreError: each says what to do.
    """
    config = _config(path, memory_bytes, threads)
    try:
        connection = _opened(path, config)
    except duckdb.Error as error:
        raise explained(path, error) from error
    try:
        schema.prepare(connection, path)
    except duckdb.Error as error:
        connection.close()
        raise explained(path, error) from error
    except StoreError:
        connection.close()
        raise
    return connection


def explained(path: Path, error: duckdb.Error) -> StoreError:
    """The error of ours that says what to do about one of DuckDB's."""
    text = first_line(error)
    if "lock on file" in text:
        pid = re.search(r"PID (\d+)", text)
        holder = f"process {pid[1]}" if pid else "another process"
        return StoreLocked(f"{path} is in use by {holder}: stop it, or give another file (--db)")
    if "version number" in text:
        return StoreTooNew(f"{path} was written by a newer DuckDB: upgrade Lockstitch ({text})")
    if re.search("permission denied|read-only", text, re.IGNORECASE):
        return StoreError(
            f"{path} cannot be written: give this user write access to it and to its directory"
        )
    if "No such file or directory" in text:
        return StoreError(f"{path} cannot be created: make the directory first")
    if "No space left" in text:
        return StoreError(f"{path} cannot be opened, the disk is full: free some space")
    return StoreError(
        f"{path} cannot be opened: restore it from a backup, or move it away to begin a new one "
        f"({text})"
    )


def first_line(error: BaseException) -> str:
    """DuckDB adds stack traces to some messages; people want the first line."""
    return str(error).partition("\n")[0]


def _config(path: Path, memory_bytes: int, threads: int) -> dict[str, Any]:
    """Nothing is loaded from or written to anywhere else, and no statement can change that.

    External access cannot be given back while DuckDB runs, and with it goes all that loads,
    attaches or copies. To lock every setting would lock how much a checkpoint tidies up, too.
    """
    return {
        "memory_limit": f"{memory_bytes}B",
        "threads": threads,
        "checkpoint_threshold": _NO_AUTOMATIC_CHECKPOINT,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "enable_external_access": False,
        "python_enable_replacements": False,
        "temp_directory": str(beside(path, ".tmp")),
        "max_temp_directory_size": _MAX_TEMPORARY,
    }


def _opened(path: Path, config: dict[str, Any]) -> Cursor:
    """Opens the file, without a checkpoint that did not end."""
    try:
        return _with_log(path, config)
    except duckdb.Error as error:
        torn = "Corrupt database file" in first_line(error)
        if not (torn and twice.put_back(path, beside(path, twice.SUFFIX))):
            raise
        return _with_log(path, config)


def _with_log(path: Path, config: dict[str, Any]) -> Cursor:
    """Opens the file, without its log when that is what is damaged.

    The journal holds everything that came after the last checkpoint, and so all that is in the
    log; the file says how far it got, and the rest is replayed.
    """
    try:
        return duckdb.connect(str(path), config=config)
    except duckdb.Error as error:
        log = beside(path, ".wal")
        reason = first_line(error)
        damaged = re.search(r"\bWAL\b|write-ahead", reason, re.IGNORECASE)
        in_use = "lock on file" in reason  # then the log is another's, whatever the path is called
        if in_use or not (damaged and log.exists()):
            raise
        aside = log.with_name(f"{log.name}.damaged-{time.time_ns()}")
        log.rename(aside)
        _log.error(
            "DuckDB's log is damaged; it is kept aside and the journal replayed in its place",
            path=str(aside),
            reason=reason,
        )
        return duckdb.connect(str(path), config=config)
