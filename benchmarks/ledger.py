"""kill -9 under load: what was answered must be there after the restart, once each.

A client writes down every span id whose export was answered 200; the server is killed at a random
moment; it is started again on the same files, and after the last round the store is opened and
every id on the ledger is counted. Exports without an answer are sent again after the restart, as
a real exporter would: they may be there already, and must not be counted twice.
"""

import http.client
import random
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.process import start, stop
from benchmarks.shape import SpanExports


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a series of kills did. All counts are spans."""

    rounds: int
    answered: int
    lost: int
    twice: int
    resent: int


class _Client(threading.Thread):
    """Sends exports of 1 to 64 spans until told to stop; keeps what was answered and what not."""

    def __init__(self, port: int, seed: int, backlog: list[tuple[bytes, np.ndarray]]) -> None:
        super().__init__(daemon=True)
        self.answered: list[np.ndarray] = []
        self.unanswered = list(backlog)
        self._port, self._shape = port, SpanExports(random.Random(seed).choice([1, 4, 64]), seed)
        self.ended = threading.Event()

    def run(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)) as connection:
            self._send(connection)

    def _send(self, connection: http.client.HTTPConnection) -> None:
        headers = {"Content-Type": "application/x-protobuf"}
        while not self.ended.is_set():
            if not self.unanswered:
                self.unanswered.append(self._shape.make())
            body, ids = self.unanswered[0]
            try:
                connection.request("POST", "/v1/traces", body, headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status == http.client.OK:
                self.answered.append(ids)
                self.unanswered.pop(0)


def run(folder: Path, rounds: int, seed: int = 7, clients: int = 6) -> Ledger:
    """``rounds`` kills at random moments of one store under ``folder``."""
    rnd = random.Random(seed)
    db = folder / "ledger.duckdb"
    answered: list[np.ndarray] = []
    backlogs: list[list[tuple[bytes, np.ndarray]]] = [[] for _ in range(clients)]
    resent = 0
    for number in range(rounds):
        server = start(db, "--set", "checkpoint_bytes=4MiB")
        at_work = [
            _Client(server.http_port, seed * 100_000 + number * 100 + index, backlog)
            for index, backlog in enumerate(backlogs)
        ]
        resent += sum(len(ids) for backlog in backlogs for _, ids in backlog)
        for client in at_work:
            client.start()
        time.sleep(rnd.uniform(0.05, 1.0))
        with server.process:  # waits for its end and closes its output
            server.process.kill()
        for client in at_work:
            client.ended.set()
            client.join()
            answered += client.answered
        backlogs = [client.unanswered for client in at_work]
    stop(start(db))  # replays the journal and ends in good order
    return _count(db, np.concatenate(answered), rounds, resent)


def _count(db: Path, answered: np.ndarray, rounds: int, resent: int) -> Ledger:
    with duckdb.connect(str(db), read_only=True) as connection:
        stored = connection.execute(
            "select span_id, count(*) as copies from spans group by span_id"
        ).fetchnumpy()
    ids, copies = stored["span_id"], stored["copies"]
    return Ledger(
        rounds=rounds,
        answered=len(answered),
        lost=len(np.setdiff1d(answered.astype(np.uint64), ids)),
        twice=int((copies > 1).sum()),
        resent=resent,
    )
