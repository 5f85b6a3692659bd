"""Sends event traces at a fixed rate: the spans of ``stitching_rows`` as OTLP/HTTP exports.

Run as a module, as ``load`` is; an export waits for its moment, so that the rate is the one asked
for and not what the server can take.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.stitching_rows import SPANS_AN_EVENT, chunks

_TEXTS = {
    "trigger": "faas.trigger",
    "invocation_id": "faas.invocation_id",
    "destination": "messaging.destination.name",
    "message_id": "messaging.message.id",
    "correlation_id": "correlation_id",
}


def bodies(spans: int, first: int) -> list[tuple[bytes, int]]:
    """Exports with about so many spans in all, in order, and the spans in each."""
    made = []
    for rows in chunks(
        spans // SPANS_AN_EVENT,
        first_ns=time.time_ns() - first * 600_000,
        step_ns=600_000,
        first=first,
    ):
        made += [(_body(each), len(each)) for each in _exports(rows.spans.to_pylist())]
    return made


def _exports(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["export_seq"], []).append(row)
    yield from found.values()


def _body(rows: list[dict[str, Any]]) -> bytes:
    request = ExportTraceServiceRequest()
    scopes: dict[str, Any] = {}
    for row in rows:
        function = row["function"]
        if function not in scopes:
            group = request.resource_spans.add()
            group.resource.attributes.add(key="faas.name").value.string_value = function
            scopes[function] = group.scope_spans.add()
        span = scopes[function].spans.add(
            trace_id=row["trace_id"].bytes,
            span_id=row["span_id"].to_bytes(8, "big"),
            parent_span_id=(row["parent_span_id"] or 0).to_bytes(8, "big").strip(b"\0"),
            name=row["name"],
            kind=row["kind"],
            start_time_unix_nano=row["start_ns"],
            end_time_unix_nano=row["start_ns"] + row["duration_ns"],
        )
        for column, name in _TEXTS.items():
            if row[column] is not None:
                span.attributes.add(key=name).value.string_value = row[column]
    return request.SerializeToString()


def _send(port: int, mine: list[tuple[float, bytes]], began: float, failed: list[int]) -> None:
    connection = HTTPConnection("127.0.0.1", port)
    for at_s, body in mine:
        time.sleep(max(0.0, began + at_s - time.monotonic()))
        connection.request("POST", "/v1/traces", body, {"Content-Type": "application/x-protobuf"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            failed.append(answer.status)


def main() -> None:
    """Makes the bodies, waits for a line on standard input, sends, prints what came of it."""
    parse = argparse.ArgumentParser()
    parse.add_argument("--port", type=int, required=True)
    parse.add_argument("--rate", type=int, required=True, help="spans a second")
    parse.add_argument("--seconds", type=float, required=True)
    parse.add_argument("--connections", type=int, default=4)
    given = parse.parse_args()
    made = bodies(int(given.rate * given.seconds), first=int(time.time()))
    timed, sent = [], 0
    for body, spans in made:
        timed.append((sent / given.rate, body))
        sent += spans
    print("ready", flush=True)
    sys.stdin.readline()
    began, failed = time.monotonic(), list[int]()
    threads = [
        threading.Thread(
            target=_send, args=(given.port, timed[each :: given.connections], began, failed)
        )
        for each in range(given.connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"spans": sent, "failed": failed, "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main()
