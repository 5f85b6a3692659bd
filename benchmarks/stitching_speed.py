"""How fast stitching is: alone, behind live ingest, and with how much is stored.

The telemetry is that of ``stitching_rows``: 25 spans an event in five traces over queues with
message ids and correlation ids; one event in five passes a batch.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from duckdb import DuckDBPyConnection as Cursor

from benchmarks.process import WORK, Server, running
from benchmarks.stitching_rows import SPANS_AN_EVENT, chunks
from collector.derive.indexing import SECTION_KEYS
from collector.derive.judging import judging
from collector.derive.stitcher import Stitcher
from collector.model.window import Window
from collector.settings import Settings
from collector.store.database import Database
from collector.store.queries.lookup import find_anywhere
from collector.store.stitching import index_ids
from collector.store.writer import CommitInfo

_FIRST_NS: Final = 1_790_000_000_000_000_000
_STEP_NS: Final = 600_000
_PIECE: Final = 1_000_000
# One id of each kind a person may hold, from all over what is stored.
_ANY_ID: Final = "coalesce(message_id, correlation_id, invocation_id)"
_IDS: Final = (
    f"select {_ANY_ID} from spans where {_ANY_ID} is not null",
    "select format('{:016x}', event_trace_id) from event_traces",
    "select format('{:016x}', span_id) from spans",
    "select replace(trace_id::varchar, '-', '') from fragments",
)
_DERIVED: Final = ("fragments", "fragment_keys", "event_traces")


class _Writer:
    """A writer that has nothing to do."""

    def __init__(self) -> None:
        self.listeners: list[Any] = []
        self.applied_seq = 0
        self.waiting_rows = 0
        self.held_back = False

    def take_most_waiting(self) -> int:
        return 0

    def committed(self) -> CommitInfo:
        return CommitInfo(self.applied_seq, {})


class Store:
    """A store that rows are put into without ingest, and its stitcher."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        settings = Settings(db=folder / "bench.duckdb")
        self.database = Database.open(
            settings.db,
            memory_bytes=settings.duckdb_memory,
            threads=settings.duckdb_threads,
            checkpoint_bytes=settings.checkpoint_bytes,
            query_timeout_s=600,
        )
        self._judging = judging(settings)
        self.seq = self.made = 0
        self.start()

    def insert(self, spans: int) -> int:
        """Stores events with about so many spans; returns how many it were."""
        stored, first_seq = 0, self.seq
        events = spans // SPANS_AN_EVENT
        for rows in chunks(events, first_ns=_FIRST_NS, step_ns=_STEP_NS, first=self.made):

            def insert(cursor: Cursor, rows: Any = rows) -> None:
                for table, found in (("spans", rows.spans), ("exports", rows.exports)):
                    cursor.register("incoming", found)
                    cursor.execute(
                        f"insert into {table} by name select * replace"
                        f" (export_seq + {first_seq} as export_seq) from incoming"
                    )
                    cursor.unregister("incoming")

            self.database.write(insert)
            stored += rows.spans.num_rows
            self.seq = first_seq + int(rows.exports["export_seq"].to_numpy().max())
        self.made += events
        self.database.write(
            lambda cursor: cursor.execute(f"update progress set applied_seq = {self.seq}")
        )
        self.database.checkpoint(tidy=True)
        return stored

    def start(self) -> None:
        """Another stitcher, which looks at what is stored once."""
        self.stitcher = Stitcher(self.database, _Writer(), self._judging)

    def stitch(self) -> float:
        """Stitches all there is; returns the seconds it took."""
        began = time.perf_counter()
        while self.stitcher.step():
            if self.database.log_bytes > self.database.checkpoint_bytes:
                self.database.checkpoint(tidy=True)
        return time.perf_counter() - began

    def multiply(self, times: int) -> None:
        """Stores what is there again and again under other ids, as if it had come before.

        Ends the stitcher: ``start`` makes another.
        """
        self.stitcher.stop()

        def copy(cursor: Cursor) -> None:
            cursor.execute(
                "insert into spans select * replace (uuid() as trace_id, hash(span_id) as span_id,"
                f" export_seq + {self.seq} as export_seq) from spans where export_seq >"
                f" (select max(export_seq) - {self.seq} from spans)"
            )
            for table in _DERIVED:
                ids = "fragment_id" if table != "event_traces" else "event_trace_id"
                other = ', hash("key") as "key"' if table == "fragment_keys" else ""
                event = ", hash(event_trace_id) as event_trace_id" if table == "fragments" else ""
                first = f", first_run + {self.seq} as first_run" if table == "event_traces" else ""
                cursor.execute(
                    f"insert into {table} select * replace (hash({ids}) as {ids}{other}{event}"
                    f"{first}, run + {self.seq} as run) from {table} where run > "
                    f"(select max(run) - {self.seq} from {table})"
                )

        for _ in range(times):
            self.database.write(copy)
            self.database.checkpoint(tidy=True)
        self.seq *= times + 1
        self.database.write(
            lambda cursor: cursor.execute(f"update progress set applied_seq = {self.seq}")
        )
        self.database.write(
            lambda cursor: cursor.execute(
                f"update stitching_progress set stitched_seq = {self.seq}, swept_seq = {self.seq}"
            )
        )
        while self.database.derive(lambda cursor: index_ids(cursor, SECTION_KEYS)) > SECTION_KEYS:
            self.database.checkpoint(tidy=True)

    def lookup_p95_ms(self, count: int = 25) -> float:
        """Look-ups of ids of each kind from all over what is stored: ``count`` of each."""

        def ask(cursor: Cursor) -> float:
            ids = [
                row[0]
                for rows in _IDS
                for row in cursor.execute(f"{rows} using sample reservoir({count} rows)").fetchall()
            ]
            taken = []
            for each in ids:
                began = time.perf_counter()
                find_anywhere(cursor, each, Window(0, 2**62))
                taken.append(time.perf_counter() - began)
            return float(np.quantile(taken, 0.95) * 1000)

        return self.database.read(ask)


def alone(spans: int) -> float:
    """Spans a second when all of them are stored already."""
    store = Store(WORK / "stitching")
    stored = store.insert(spans)
    seconds = store.stitch()
    store.database.close()
    return stored / seconds


def by_size(sizes: list[int]) -> Iterator[tuple[int, float, float]]:
    """(spans stored, µs a span for the next 200,000, look-up p95 in ms)."""
    for size in sizes:
        store = Store(WORK / "stitching")
        store.insert(_PIECE)
        store.stitch()
        store.multiply(size // _PIECE - 1)
        store.start()
        rounds = []
        for _ in range(4):
            stored = store.insert(50_000)
            rounds.append(store.stitch() / stored * 1e6)
        yield size, float(np.median(rounds)), store.lookup_p95_ms()
        store.database.close()
        shutil.rmtree(WORK / "stitching")


@dataclass(slots=True)
class Live:
    """A server under a steady load: how far stitching was behind, second by second."""

    spans: int = 0
    failed: int = 0
    seconds: float = 0.0
    lags_s: list[float] = field(default_factory=list)
    rss_mib: list[float] = field(default_factory=list)
    caught_up_s: float = 0.0


def live(rate: int, seconds: float) -> Live:
    """Sends ``rate`` spans a second to a server of its own and watches its lag."""
    found = Live()
    os.sync()  # what was measured before does not write any more
    with running("stitching-live") as server:
        load = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load_events", "--port", str(server.http_port),
             "--rate", str(rate), "--seconds", str(seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert load.stdin is not None
        assert load.stdout is not None
        load.stdout.readline()
        load.stdin.write("go\n")
        load.stdin.flush()
        while load.poll() is None:
            time.sleep(0.5)
            found.lags_s.append(_lag(server)[1])
            found.rss_mib.append(server.rss_mib)
        said = json.loads(load.stdout.read())
        ended = time.monotonic()
        while _lag(server)[0] and time.monotonic() < ended + 120:
            time.sleep(0.1)
        found.caught_up_s = time.monotonic() - ended
    found.spans, found.failed, found.seconds = said["spans"], len(said["failed"]), said["seconds"]
    return found


def _lag(server: Server) -> tuple[float, float]:
    """Exports not yet stitched, and the age of the oldest, s."""
    exports = server.told("lockstitch_unstitched_exports")
    return exports, server.told("lockstitch_stitching_lag_seconds")
