"""Reads OTLP from files: JSON lines or length-delimited protobuf, plain or gzip; and AWS's own.

JSON files hold one ``{"resourceSpans": [...]}`` (or Metrics, Logs) per line, as the OpenTelemetry
Collector's file exporter writes them; a file that is one such object over many lines works too.
Protobuf files hold messages behind a varint length; their bytes do not say which signal they
carry, so the name of the file must (``traces``, ``metrics``, ``logs``), or the caller does.
What AWS writes is known by its members and translated (``web/aws_files.py``).
"""

import gzip
import itertools
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, Final, cast

import orjson
from google.protobuf.message import DecodeError

from collector.batch import Signal
from collector.decode.aws.delimited import read_delimited
from collector.decode.aws.json_objects import read_objects
from collector.decode.aws.metric_streams import is_metric
from collector.decode.otlp_json import json_to_protobuf
from collector.decode.wire import REQUESTS
from collector.errors import Malformed
from web.aws_files import AwsFile

_MOST_DATA: Final = 2_000  # in one export of metrics
_GZIP: Final = b"\x1f\x8b"
_MOST_LAYERS: Final = 3
_DATE: Final = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")

_Export = tuple[Signal, bytes, bool]  # whether it is one of many data

_JSON_KEYS = {
    "resourceSpans": Signal.TRACES,
    "resourceMetrics": Signal.METRICS,
    "resourceLogs": Signal.LOGS,
}


def read(
    path: Path, signal: Signal | None = None, aws: AwsFile | None = None
) -> Iterator[tuple[Signal, bytes]]:
    """The exports of one file as protobuf, in order; ``aws`` is told what of it is skipped.

    Raises:
        Malformed: the file is none of the formats, or is cut short; says where.
    """
    try:
        yield from _read(path, signal, aws or AwsFile(path))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Malformed(f"{path} is damaged or cut short: {error}") from error


def _read(path: Path, signal: Signal | None, aws: AwsFile) -> Iterator[tuple[Signal, bytes]]:
    with _open(path) as file:
        start = file.read(4096)
    with _open(path) as file:
        if start.lstrip()[:1] in (b"{", b"[") and not _is_message(start):
            yield from _joined(_json(file, path, aws))
        elif _DATE.match(start):
            lines = (line.decode(errors="replace") for line in file)
            yield from aws.read_lines(lines)
        else:
            yield from _delimited(file, path, signal or _signal_of(path))


def _is_message(start: bytes) -> bool:
    """Whether what begins with a brace is the length of an export of 123 bytes, or 91."""
    try:
        first = next(read_delimited(start), b"")
    except Malformed:
        return False
    return any(map(partial(_parses, first), REQUESTS.values()))


def _parses(message: bytes, kind: Any) -> bool:
    try:
        return bool(kind.FromString(message).ListFields())
    except DecodeError:
        return False


def _joined(exports: Iterable[_Export]) -> Iterator[tuple[Signal, bytes]]:
    """Metrics that come a datum a line as one export: serialized requests may be concatenated.

    All else stays as it is: the same export sent in another way is to be found again.
    """
    waiting: list[bytes] = []
    for signal, body, is_datum in exports:
        if waiting and (not is_datum or len(waiting) == _MOST_DATA):
            yield Signal.METRICS, b"".join(waiting)
            waiting = []
        if is_datum:
            waiting.append(body)
        else:
            yield signal, body
    if waiting:
        yield Signal.METRICS, b"".join(waiting)


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    """The content of a file, however often it is compressed: Firehose does it again."""
    with ExitStack() as layers:
        file: IO[bytes] = layers.enter_context(path.open("rb"))
        for _ in range(_MOST_LAYERS):
            if not cast("BufferedReader", file).peek(2).startswith(_GZIP):
                break
            file = layers.enter_context(cast("IO[bytes]", gzip.GzipFile(fileobj=file, mode="rb")))
        yield file


def _signal_of(path: Path) -> Signal:
    for signal in Signal:
        if signal.value in path.name:
            return signal
    raise Malformed(
        f"{path}: the bytes of a protobuf file do not say what they hold; "
        "give --signal traces, metrics or logs, or name the file so"
    )


def _json(file: IO[bytes], path: Path, aws: AwsFile) -> Iterator[_Export]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            exports = _exports_of(line, aws)
        except Malformed as error:
            if number > 1:
                raise Malformed(f"{path}, line {number}: {error}") from error
            exports = _whole(line + file.read(), path, aws)
        yield from exports


def _whole(text: bytes, path: Path, aws: AwsFile) -> Iterator[_Export]:
    """The exports of a file that is one object over many lines."""
    try:
        return _exports_of(text, aws)
    except Malformed as error:
        raise Malformed(
            f"{path} is neither OTLP JSON nor one such object a line: {error}"
        ) from error


def _exports_of(text: bytes, aws: AwsFile) -> Iterator[_Export]:
    """The exports of one JSON value, or of objects in a row."""
    try:
        loaded = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        loaded = list(read_objects(text))
        if any(isinstance(each, Malformed) for each in loaded):
            raise Malformed(f"not JSON: {error}") from error
    whole = aws.read_item(loaded)
    if whole is not None:
        return ((signal, body, is_metric(loaded)) for signal, body in whole())
    items = loaded if isinstance(loaded, list) else [loaded]
    return itertools.chain.from_iterable([_of_item(item, aws) for item in items])


def _of_item(item: Any, aws: AwsFile) -> Iterator[_Export]:
    signals = [
        signal for key, signal in _JSON_KEYS.items() if isinstance(item, dict) and key in item
    ]
    if signals:
        bodies = [json_to_protobuf(signal, orjson.dumps(item)) for signal in signals]
        return ((signal, body, False) for signal, body in zip(signals, bodies, strict=True))
    known = aws.read_item(item)
    if known is None:
        raise Malformed(
            "no resourceSpans, resourceMetrics or resourceLogs, nor anything that AWS writes"
        )
    return ((signal, body, is_metric(item)) for signal, body in known())


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
