"""Keeps every answered export on disk until DuckDB's file holds it: append, fsync, then answer.

The journal is a directory of segment files (``segment.py``). An append is one write and one
``fdatasync``; it is durable as a whole on return or leaves nothing behind. A segment is deleted
when the store says that all its exports are in the database file proper, past DuckDB's own log:
so a database whose log is damaged loses nothing either.
"""

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from collector.batch import Export
from collector.errors import StoreError, StoreLocked, StoreUnavailable
from collector.store import segment

SEGMENT_BYTES: Final = 64 * 1024**2

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Segment:
    path: Path
    last_seq: int  # of its last good record; first_seq - 1 while it has none
    size: int  # bytes known to be good and durable


class Journal:
    """Appended to by one thread, released by another.

    ``last_seq`` is the number of the last durable export; ``damaged_records`` counts gaps that
    were skipped while reading.
    """

    def __init__(self, directory: Path, lock: int) -> None:
        self.directory = directory
        self.last_seq = 0
        self.damaged_records = 0
        self._lock_file: int | None = lock
        self._lock = threading.Lock()
        self._digests: dict[int, bytes] = {}
        self._segments: list[_Segment] = []
        self._file: int | None = None

    @staticmethod
    def open(directory: Path) -> "Journal":
        """Opens or creates the journal and cuts off a record that was never finished.

        Raises:
            StoreLocked: another process has it open.
            StoreError: the directory cannot be written.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
            segment.sync_directory(directory.parent)
            journal = Journal(directory, _locked(directory / "lock"))
            journal._find_segments()
        except OSError as error:
            raise StoreError(
                f"the journal {directory} cannot be used ({error.strerror}): "
                "give this user write access to it"
            ) from error
        return journal

    @property
    def size_bytes(self) -> int:
        """Bytes on disk."""
        with self._lock:
            return sum(item.size for item in self._segments)

    def append(self, exports: Sequence[Export]) -> None:
        """Makes the exports durable, all or none; their ``seq`` must go on increasing.

        Raises:
            StoreUnavailable: the disk is full or failing; the sender should retry.
        """
        if not exports:
            return
        digests = [segment.digest_of(export.signal, export.body) for export in exports]
        with self._lock:
            try:
                self._append(exports, digests)
            except OSError as error:
                raise StoreUnavailable(
                    f"the journal cannot be written: {error.strerror}"
                ) from error
            self.last_seq = exports[-1].seq
            self._digests.update(
                (e.seq, digest) for e, digest in zip(exports, digests, strict=True)
            )

    def take_digest(self, export: Export) -> bytes:
        """The digest of an export, computed at append or replay; each is kept for one call."""
        known = self._digests.pop(export.seq, None)
        return known or segment.digest_of(export.signal, export.body)

    def replay(self, after_seq: int) -> Iterator[Export]:
        """The exports after a number, in order; call it before the first append."""
        for item in list(self._segments):
            if item.last_seq > after_seq:
                yield from self._read(item.path, after_seq)

    def release(self, up_to_seq: int) -> None:
        """Deletes the segments that hold nothing after ``up_to_seq``."""
        with self._lock:
            done = [item for item in self._segments if item.last_seq <= up_to_seq]
            if self._segments and self._segments[-1] in done:
                self._close_file()
            self._segments = [item for item in self._segments if item not in done]
        for item in done:
            item.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Lets another process have it; closing twice does no harm."""
        with self._lock:
            self._close_file()
            if self._lock_file is not None:
                os.close(self._lock_file)
                self._lock_file = None

    def _append(self, exports: Sequence[Export], digests: Sequence[bytes]) -> None:
        current = self._current(exports[0].seq)
        assert self._file is not None
        mark = segment.marker(current.path)
        parts = [
            part
            for export, digest in zip(exports, digests, strict=True)
            for part in segment.encode(mark, export, digest)
        ]
        data = memoryview(b"".join(parts))
        try:
            _write_all(self._file, data, current.size)
        except OSError:
            self._cut(current)
            raise
        self._sync(current)
        current.size += len(data)
        current.last_seq = exports[-1].seq

    def _sync(self, current: _Segment) -> None:
        """After a failed fsync the kernel may call lost pages clean: never write there again."""
        assert self._file is not None
        try:
            os.fdatasync(self._file)
        except OSError:
            self._cut(current)
            self._close_file()
            raise

    def _cut(self, current: _Segment) -> None:
        assert self._file is not None
        try:
            os.ftruncate(self._file, current.size)
        except OSError:
            self._close_file()

    def _current(self, seq: int) -> _Segment:
        if self._file is not None and self._segments[-1].size < SEGMENT_BYTES:
            return self._segments[-1]
        self._close_file()
        path = segment.new_path(self.directory, seq)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            segment.sync_directory(self.directory)
        except OSError:  # its name may not last: nothing is ever written there
            os.close(file)
            raise
        self._file = file
        self._segments.append(_Segment(path, seq - 1, 0))
        return self._segments[-1]

    def _close_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _find_segments(self) -> None:
        paths = sorted(self.directory.glob(f"*{segment.SUFFIX}"))
        starts = [segment.first_seq(path) for path in paths]
        for path, following in zip(paths[:-1], starts[1:], strict=True):
            self._segments.append(_Segment(path, following - 1, path.stat().st_size))
        if paths:
            self._segments.append(_with_tail_cut(paths[-1]))
            self.last_seq = self._segments[-1].last_seq

    def _read(self, path: Path, after_seq: int) -> Iterator[Export]:
        for found in segment.scan(path):
            if isinstance(found, segment.Damage):
                self._report(path, found)
            elif found.export.seq > after_seq:
                self._digests[found.export.seq] = found.digest
                yield found.export

    def _report(self, path: Path, damage: segment.Damage) -> None:
        self.damaged_records += 1
        kept = path.with_suffix(".damaged")
        with suppress(OSError):  # there already, or a file system without links
            os.link(path, kept)
        _log.error(
            "journal record damaged; it is skipped and the segment kept",
            segment=str(kept),
            start=damage.start,
            end=damage.end,
        )


def _with_tail_cut(path: Path) -> _Segment:
    """The last segment, ending behind its last good record."""
    last_seq, end = segment.first_seq(path) - 1, 0
    for found in segment.scan(path):
        if isinstance(found, segment.Record):
            last_seq, end = found.export.seq, found.end
    torn = path.stat().st_size - end
    if torn:
        os.truncate(path, end)
        _log.warning("journal record unfinished; cut off", segment=str(path), bytes=torn)
    return _Segment(path, last_seq, end)


def _locked(path: Path) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise StoreLocked(
            f"the journal {path.parent} is in use by another process: stop it, or give another --db"
        ) from error
    return lock


def _write_all(file: int, data: memoryview, offset: int) -> None:
    while data:
        written = os.pwrite(file, data, offset)
        data, offset = data[written:], offset + written
