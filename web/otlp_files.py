"""Reads OTLP from files: JSON lines or length-delimited protobuf, plain or gzip.

JSON files hold one ``{"resourceSpans": [...]}`` (or Metrics, Logs) per line, as the OpenTelemetry
Collector's file exporter writes them; a file that is one such object over many lines works too.
Protobuf files hold messages behind a varint length; their bytes do not say which signal they
carry, so the name of the file must (``traces``, ``metrics``, ``logs``), or the caller does.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import orjson

from collector.batch import Signal
from collector.decode.otlp_json import json_to_protobuf
from collector.errors import Malformed

_JSON_KEYS = {
    "resourceSpans": Signal.TRACES,
    "resourceMetrics": Signal.METRICS,
    "resourceLogs": Signal.LOGS,
}


def read(path: Path, signal: Signal | None = None) -> Iterator[tuple[Signal, bytes]]:
    """The exports of one file as protobuf, in order.

    Raises:
        Malformed: the file is neither format, or is cut short; says where.
    """
    with _open(path) as file:
        start = file.read(4096).lstrip()
    with _open(path) as file:
        if start[:1] in (b"{", b"["):
            yield from _json(file, path)
        else:
            yield from _delimited(file, path, signal or _signal_of(path))


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if zipped else path.open("rb")


def _signal_of(path: Path) -> Signal:
    for signal in Signal:
        if signal.value in path.name:
            return signal
    raise Malformed(
        f"{path}: the bytes of a protobuf file do not say what they hold; "
        "give --signal traces, metrics or logs, or name the file so"
    )


def _json(file: IO[bytes], path: Path) -> Iterator[tuple[Signal, bytes]]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            exports = _exports_of(line)
        except Malformed as error:
            if number > 1:
                raise Malformed(f"{path}, line {number}: {error}") from error
            yield from _whole(line + file.read(), path)
            return
        yield from exports


def _whole(text: bytes, path: Path) -> list[tuple[Signal, bytes]]:
    """The exports of a file that is one object over many lines."""
    try:
        return _exports_of(text)
    except Malformed as error:
        raise Malformed(
            f"{path} is neither OTLP JSON nor one such object a line: {error}"
        ) from error


def _exports_of(text: bytes) -> list[tuple[Signal, bytes]]:
    try:
        loaded = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error}") from error
    exports = []
    for item in loaded if isinstance(loaded, list) else [loaded]:
        keys = item if isinstance(item, dict) else {}
        signals = [signal for key, signal in _JSON_KEYS.items() if key in keys]
        if not signals:
            raise Malformed("no resourceSpans, resourceMetrics or resourceLogs: not OTLP JSON")
        exports += [(signal, json_to_protobuf(signal, orjson.dumps(item))) for signal in signals]
    return exports


def _delimited(file: IO[bytes], path: Path, signal: Signal) -> Iterator[tuple[Signal, bytes]]:
    position = 0
    while (length := _varint(file)) is not None:
        body = file.read(length)
        if len(body) < length:
            raise Malformed(f"{path} ends inside the message at byte {position}: it was cut short")
        position = file.tell()
        yield signal, body


def _varint(file: IO[bytes]) -> int | None:
    value = shift = 0
    while byte := file.read(1):
        value |= (byte[0] & 0x7F) << shift
        if not byte[0] & 0x80:
            return value
        shift += 7
        if shift > 63:
            raise Malformed("a message length is longer than 64 bits: not delimited protobuf")
    if shift:
        raise Malformed("the file ends inside a message length: it was cut short")
    return None
