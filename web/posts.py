"""Requests of senders that speak no OTLP, as files keep them: JSON lines, plain or gzip.

A line is ``{"path": "/firehose", "headers": {...}, "body": ...}``: what Firehose delivers, or a
Telemetry API batch as an extension forwards it.
"""

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import orjson

from collector.errors import Malformed


@dataclass(frozen=True, slots=True)
class Post:
    """One HTTP POST; ``body`` is what goes over the wire."""

    path: str
    headers: Mapping[str, str]
    body: bytes


def holds_posts(path: Path) -> bool:
    """Whether a file's first line is such a request; False for anything else, OTLP included."""
    with _open(path) as file:
        line = file.readline().strip()
    if not line.startswith(b"{"):
        return False
    try:
        loaded = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(loaded, dict) and loaded.keys() >= {"path", "body"}


def read(path: Path) -> Iterator[Post]:
    """The requests of one file, in order.

    Raises:
        Malformed: a line is no request; says which, and the file ends there.
    """
    with _open(path) as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _post(line, f"{path}, line {number}")


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if zipped else path.open("rb")


def _post(line: bytes, where: str) -> Post:
    try:
        loaded = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"{where} is not JSON: {error}") from error
    match loaded:
        case {"path": str(path), "body": body}:
            return Post(path, _headers(loaded.get("headers")), orjson.dumps(body))
        case _:
            raise Malformed(f'{where} is no request: write {{"path", "headers", "body"}}')


def _headers(found: Any) -> dict[str, str]:
    given = found if isinstance(found, dict) else {}
    return {str(name): str(value) for name, value in given.items()}
