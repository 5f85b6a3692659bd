"""Writes captures: delimited protobuf, one file a signal, gzip without a date so runs compare.

Each message is an `Export*ServiceRequest` as it was sent, preceded by its length as a varint: the
length-delimited form of protobuf's own `writeDelimitedTo`.
"""

import gzip
from collections.abc import Iterable
from pathlib import Path

from google.protobuf.internal.encoder import _VarintBytes


def write_delimited(path: Path, messages: Iterable[bytes]) -> None:
    """Replaces `path` with the messages, each with its length in front."""
    data = b"".join(_VarintBytes(len(message)) + message for message in messages)
    _write_gzip(path, data)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Replaces `path` with the lines, gzipped."""
    _write_gzip(path, "".join(f"{line}\n" for line in lines).encode())


def _write_gzip(path: Path, data: bytes) -> None:
    path.write_bytes(gzip.compress(data, compresslevel=9, mtime=0))
