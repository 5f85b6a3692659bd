"""The answer of the real collector: exports over OTLP/HTTP in, event traces over its API out."""

import http.client
import itertools
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from benchmarks.process import Server, running
from benchmarks.stitching.labels import Export, Generated, ItemKey
from benchmarks.stitching.scoring import GivenJoint, GivenTrace
from benchmarks.stitching.wire import request
from benchmarks.stitching.world import SECOND

_servers = itertools.count()
_PAGE: Final = 200
_PATIENCE_S: Final = 60.0
_BEHIND: Final = ("lockstitch_records_waiting{", "lockstitch_unstitched_exports")


class Api:
    """Asks the web port; keeps its connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of an answer that succeeds."""
        self._connection.request("GET", f"/api/v1{path}?{urlencode(parameters)}")
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"GET {path} answered {answer.status}: {body[:300]!r}")
        return json.loads(body)

    def behind(self) -> bool:
        """True while the collector's own counters say that something is not stitched yet."""
        self._connection.request("GET", "/metrics")
        lines = self._connection.getresponse().read().decode().splitlines()
        return any(float(line.rpartition(" ")[2]) > 0 for line in lines if line.startswith(_BEHIND))

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()


def by_collector(generated: Generated) -> list[GivenTrace]:
    """The answer of a collector of its own, on an empty store."""
    with running(f"stitching-{os.getpid()}-{next(_servers)}") as server:
        return answer(server, generated)


def answer(server: Server, generated: Generated) -> list[GivenTrace]:
    """Sends the scenario in the order it arrives, waits until it is stitched, and asks."""
    send(server.http_port, generated.exports)
    first, last = _window(generated)
    with closing(Api(server.web_port)) as api:
        _settle(api, first, last)
        return [_given(api, row["event_trace_id"]) for row in _rows(api, first, last)]


def send(port: int, exports: Iterable[Export]) -> None:
    """One request after the other, each answered before the next."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for export in exports:
            headers = {"Content-Type": "application/x-protobuf"}
            body = request(export).SerializeToString()
            connection.request("POST", f"/v1/{export.signal}", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != http.client.OK or text:  # a body tells of rejected records
                raise RuntimeError(f"an export was answered {answer.status}: {text[:300]!r}")


def _window(generated: Generated) -> tuple[str, str]:
    times = [item.time_ns for item in generated.items()]
    return _rfc3339(min(times) - SECOND), _rfc3339(max(times) + SECOND)


def _rfc3339(time_ns: int) -> str:
    moment = time.gmtime(time_ns // SECOND)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', moment)}.{time_ns % SECOND:09d}Z"


def _settle(api: Api, first: str, last: str) -> None:
    """Waits until the lists stay the same for a while: all that was sent is stitched."""
    until = time.monotonic() + _PATIENCE_S
    before: list[tuple[str, Any]] = []
    same = 0
    while same < 3 and time.monotonic() < until:
        time.sleep(0.5)
        if api.behind():
            same = 0
            continue
        now = [(row["event_trace_id"], row["trace_ids"]) for row in _rows(api, first, last)]
        same = same + 1 if now == before and now else 0
        before = now


def _rows(api: Api, first: str, last: str) -> Iterator[Mapping[str, Any]]:
    more: dict[str, str] = {}
    while True:
        page = api.get("/event-traces", since=first, until=last, limit=_PAGE, **more)
        yield from page["event_traces"]
        if not page["next_cursor"]:
            return
        more = {"cursor": page["next_cursor"]}


def _given(api: Api, event_trace_id: str) -> GivenTrace:
    whole = api.get(f"/event-traces/{event_trace_id}")
    items: set[ItemKey] = {(span["trace_id"], span["span_id"]) for span in whole["spans"]}
    items |= {_time_ns(log["time"]) for log in whole["logs"]}
    joints = [
        GivenJoint(
            str(joint["from"]),
            str(joint["to"]),
            joint["evidence"],
            str(joint["key"]),
            joint["confidence"],
        )
        for joint in whole["joints"]
    ]
    shared: set[ItemKey] = {
        (span["trace_id"], span["span_id"]) for span in whole["spans"] if span["shared"]
    }
    return GivenTrace(event_trace_id, items, joints, shared)


def _time_ns(text: str) -> int:
    """RFC 3339 with up to nine digits, UTC, in ns."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    return seconds * SECOND + int(fraction.ljust(9, "0") or 0)
