"""Writes captures: delimited protobuf, one file a signal, gzip without a date so runs compare.

Each message is an `Export*ServiceRequest` as it was sent, preceded by its length as a varint: the
length-delimited form of protobuf's own `writeDelimitedTo`.
"""

import gzip
from collections.abc import Iterable
from pathlib import Path


def write_delimited(path: Path, messages: Iterable[bytes]) -> None:
    """Replaces `path` with the messages, each with its length in front."""
    data = b"".join(varint(len(message)) + message for message in messages)
    _write_gzip(path, data)


def varint(number: int) -> bytes:
    """A protobuf base-128 varint, least significant group first."""
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Replaces `path` with the lines, gzipped."""
    _write_gzip(path, "".join(f"{line}\n" for line in lines).encode())


def _write_gzip(path: Path, data: bytes) -> None:
    path.write_bytes(gzip.compress(data, compresslevel=9, mtime=0))
