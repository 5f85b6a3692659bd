"""Senders that write down what they were answered, and what the store then holds of it."""

import http.client
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import numpy as np

from benchmarks.shape import SpanExports
from tests.end_to_end.serving import Server

_HEADERS = {"Content-Type": "application/x-protobuf"}


class Sender(threading.Thread):
    """Sends trace exports one after another until told to end or the server goes away.

    An export that was not answered 200 is sent again, after ``pause_s`` at least.
    """

    def __init__(self, server: Server, seed: int, spans: int = 64, pause_s: float = 0.0) -> None:
        super().__init__(daemon=True)
        self.answered: list[np.ndarray] = []
        self.statuses: Counter[int] = Counter()
        self.retry_after: Counter[str | None] = Counter()
        self.ended = threading.Event()
        self._netloc = urlsplit(server.http).netloc
        self._exports, self._pause_s = SpanExports(spans, seed), pause_s

    def run(self) -> None:
        connection = http.client.HTTPConnection(self._netloc, timeout=120)
        body, ids = self._exports.make()
        try:
            while not self.ended.is_set():
                connection.request("POST", "/v1/traces", body, _HEADERS)
                answer = connection.getresponse()
                answer.read()
                self.statuses[answer.status] += 1
                if answer.status == http.client.OK:
                    self.answered.append(ids)
                    body, ids = self._exports.make()
                else:
                    self.retry_after[answer.headers.get("Retry-After")] += 1
                time.sleep(self._pause_s)
        except (OSError, http.client.HTTPException):
            pass  # the server has gone: what it did not answer is not promised
        finally:
            connection.close()


class Crowd:
    """Several senders at once."""

    def __init__(self, server: Server, senders: int, spans: int, pause_s: float = 0.0) -> None:
        self._senders = [Sender(server, 1 + n, spans, pause_s) for n in range(senders)]
        for sender in self._senders:
            sender.start()

    def end(self) -> None:
        """Lets every sender finish the request it is in."""
        for sender in self._senders:
            sender.ended.set()
        self.wait()

    def wait(self) -> None:
        """Waits for senders that end because the server went away."""
        for sender in self._senders:
            sender.join(timeout=150)

    @property
    def answered(self) -> np.ndarray:
        """Ids of all spans whose export was answered 200, as uint64."""
        return np.concatenate(
            [ids for sender in self._senders for ids in sender.answered] or [np.array([], "u8")]
        ).astype(np.uint64)

    @property
    def statuses(self) -> Counter[int]:
        """Answers by status so far."""
        # Copied in one step: senders that still send add statuses meanwhile.
        return sum((Counter(dict(sender.statuses)) for sender in self._senders), Counter())

    @property
    def retry_after(self) -> Counter[str | None]:
        """Answers other than 200 by their Retry-After header."""
        return sum((sender.retry_after for sender in self._senders), Counter())


def assert_stored_once(db: Path, answered: np.ndarray) -> None:
    """Each of these spans is in a database no process has open, and no span is there twice."""
    with duckdb.connect(str(db), read_only=True) as connection:
        rows = connection.execute(
            "select span_id, count(*) as copies from spans group by span_id"
        ).fetchnumpy()
    lost = np.setdiff1d(answered, rows["span_id"])
    twice = rows["span_id"][rows["copies"] > 1]
    assert len(lost) == 0, f"{len(lost)} of {len(answered)} answered spans are lost"
    assert len(twice) == 0, f"{len(twice)} spans are stored twice"
