"""Moves the times inside Firehose deliveries and Telemetry API batches.

Times are in many places there: the delivery's own, those of log events and metric points, and
written out in the text of log lines. Ids of invocations and environments are names and stay. Ids
that say "delivered before" (of a delivery, of a log event) are made anew for every shift: moved by
as much they are the same, moved otherwise they are another's.
"""

import base64
import gzip
import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import orjson

from collector.batch import Signal
from web.posts import Post
from web.shifting import shifted, times

_NS_PER_MS: Final = 1_000_000
_DECODER: Final = json.JSONDecoder()
_REQUEST_ID: Final = "X-Amz-Firehose-Request-Id"
_WRITTEN: Final = re.compile(
    r"\b(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)(?:([.,])(\d{1,9}))?(?=Z|\+00:?00)"
)
# Embedded metric format: the one time that a log line holds as a number. A Telemetry API batch is
# moved as text, where a log line's quotes are escaped.
_EMF: Final = re.compile(r'(\bTimestamp\\*": ?)(\d{13})\b')


def shifted_post(post: Post, delta_ns: int) -> Post:
    """The request with every time moved; ``delta_ns`` in whole milliseconds, as its times are."""
    return _Move(delta_ns, lambda _: None).post(post)


def times_of_post(post: Post) -> Iterator[int]:
    """Every time the request holds, in ns."""
    seen: list[int] = []
    _Move(0, seen.append).post(post)
    return iter(seen)


class _Move:
    """One walk through a request: tells each time it meets, and moves it."""

    def __init__(self, delta_ns: int, tell: Callable[[int], None]) -> None:
        self._delta_ns = delta_ns
        self._tell = tell

    def post(self, post: Post) -> Post:
        body = orjson.loads(post.body)
        if not isinstance(body, dict) or "records" not in body:
            return replace(post, body=self._text(post.body.decode()).encode())
        moved = body | {
            "requestId": self._renamed(body["requestId"]),
            "timestamp": self._ms(body["timestamp"]),
            "records": [each | {"data": self._record(each["data"])} for each in body["records"]],
        }
        headers = {
            name: moved["requestId"] if name == _REQUEST_ID else value
            for name, value in post.headers.items()
        }
        return replace(post, headers=headers, body=orjson.dumps(moved))

    def _record(self, data: str) -> str:
        raw = base64.b64decode(data)
        if raw[:2] == b"\x1f\x8b":
            envelopes = self._json_objects(gzip.decompress(raw).decode())
            packed = gzip.compress(b"".join(envelopes), compresslevel=6, mtime=0)
        elif raw[:1] == b"{":
            packed = b"".join(line + b"\n" for line in self._json_objects(raw.decode()))
        else:
            packed = b"".join(self._delimited(raw))
        return base64.b64encode(packed).decode()

    def _json_objects(self, text: str) -> Iterator[bytes]:
        """Objects one after another, with or without a line end between them."""
        at = 0
        while at < len(text):
            found, at = _DECODER.raw_decode(text, at)
            yield orjson.dumps(self._object(found))
            while at < len(text) and text[at].isspace():
                at += 1

    def _object(self, of: dict[str, Any]) -> dict[str, Any]:
        """A log subscription's envelope, or a point of a metric stream."""
        if "logEvents" not in of:
            return of | {"timestamp": self._ms(of["timestamp"])}
        return of | {"logEvents": [self._event(event) for event in of["logEvents"]]}

    def _event(self, event: dict[str, Any]) -> dict[str, Any]:
        return event | {
            "id": self._renumbered(event["id"]),
            "timestamp": self._ms(event["timestamp"]),
            "message": self._text(event["message"]),
        }

    def _delimited(self, raw: bytes) -> Iterator[bytes]:
        """Exports of metrics, each behind its length as a varint."""
        at = 0
        while at < len(raw):
            length, at = _varint(raw, at)
            body = raw[at : at + length]
            at += length
            for moment in times(Signal.METRICS, body):
                self._tell(moment)
            moved = shifted(Signal.METRICS, body, self._delta_ns)
            yield _as_varint(len(moved)) + moved

    def _text(self, text: str) -> str:
        return _EMF.sub(self._emf, _WRITTEN.sub(self._written, text))

    def _written(self, found: re.Match[str]) -> str:
        day, between, clock, point, digits = found.groups()
        whole = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC)
        part_ns = int((digits or "0").ljust(9, "0"))
        self._tell(_ns(whole) + part_ns)
        carried, part_ns = divmod(part_ns + self._delta_ns, 1_000_000_000)
        moved = whole + timedelta(seconds=carried)
        fraction = f"{point}{part_ns:09d}"[: len(digits) + 1] if digits else ""
        return f"{moved:%Y-%m-%d}{between}{moved:%H:%M:%S}{fraction}"

    def _emf(self, found: re.Match[str]) -> str:
        return f"{found[1]}{self._ms(int(found[2]))}"

    def _ms(self, at_ms: int) -> int:
        self._tell(at_ms * _NS_PER_MS)
        return at_ms + self._delta_ns // _NS_PER_MS

    def _renamed(self, request_id: str) -> str:
        if not self._delta_ns:
            return request_id
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{request_id} {self._delta_ns}"))

    def _renumbered(self, event_id: str) -> str:
        """Another decimal number of as many digits."""
        if not self._delta_ns or not event_id:
            return event_id
        number = int(sha256(f"{event_id} {self._delta_ns}".encode()).hexdigest(), 16)
        return event_id[:3] + str(number).zfill(80)[-(len(event_id) - 3) :]


def _ns(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000_000


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """The length at a position of well-formed bytes, and where it ends."""
    value = shift = 0
    while raw[at] & 0x80:
        value |= (raw[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return value | raw[at] << shift, at + 1


def _as_varint(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])
