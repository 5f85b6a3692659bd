"""Which keys a span or a log record names, and what it did with the thing named."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from collector.model.stitching.facts import LinkFacts, LogFacts, SpanFacts
from collector.model.stitching.keys import (
    COMMON_FAMILY,
    REQUEST_FAMILY,
    Kind,
    Letter,
    Outcome,
    Role,
    is_unique,
    is_worthless,
    placed_key,
    span_key,
    trace_key,
    value_key,
)
from collector.model.stitching.named import keys_of
from collector.model.stitching.rules import Queues

SERVER: Final = 2
CLIENT: Final = 3
PRODUCER: Final = 4
CONSUMER: Final = 5

# Asked of the name in lower case; what RE2 understands as well.
SENDS: Final = re.compile(r"(^|[^a-z])(send|publish|produce|enqueue|emit|create|dispatch)")
FETCHES: Final = re.compile(
    r"(^|[^a-z])(receive|poll|fetch|pull|settle|ack|complete|abandon|delete)"
)
HANDLES: Final = re.compile(r"(^|[^a-z])(process|handle|consume|deliver)")
_WRITES: Final = re.compile(r"(^|[^a-z])(put|write|upload|create|copy|post|save|store)")
_READS: Final = re.compile(r"(^|[^a-z])(get|read|download|head|fetch|select|load)")
_TRACE_ID: Final = re.compile(r"[0-9a-f]{32}")
_TRACE_ID_LENGTH: Final = 32
_DAY_S: Final = 86_400
_XRAY_RANGE_S: Final = 30 * _DAY_S
_READ: Final = 4096  # the ids of a record are read several times, close together


class Mention(NamedTuple):
    """An occurrence of a key on one span or record, before it is known whose it is.

    ``fetched``: taken by a receive span, which is a handling only where nothing else handles it.
    """

    key: str
    kind: Kind
    role: Role
    time_ns: int
    end_ns: int | None
    outcome: Outcome = Outcome.UNKNOWN
    place: str | None = None
    function: str | None = None
    family: str = ""
    attempt: int | None = None
    dead_letter: bool = False
    fetched: bool = False


class Value(NamedTuple):
    """A correlation or business id as written."""

    kind: Kind
    family: str
    text: str


def end_of(span: SpanFacts) -> int:
    """When it ended; its start when the end is unknown or lies before."""
    return max(span.start_ns, span.end_ns or 0)


def letters(keys: tuple[str, ...], letter: Letter) -> Iterator[str]:
    """The values under one letter."""
    return (text[1:] for text in keys if text[:1] == letter)


def greatest(keys: tuple[str, ...], letter: Letter) -> int | None:
    """The largest number under a letter; None for none."""
    found = [int(text) for text in letters(keys, letter) if text.isdecimal()]
    return max(found, default=None)


def values_of(record: SpanFacts | LogFacts | LinkFacts) -> Sequence[Value]:
    """Its correlation and business ids, without those that say nothing, distinct and ordered.

    An X-Ray trace id under such a name (Powertools puts it there) is none: it names a trace. Nor
    is the id of a request that the span makes: the next one has another.
    """
    found = _said(record)
    if not found:
        return found
    if isinstance(record, SpanFacts) and record.kind == CLIENT:
        found = [each for each in found if each.family != REQUEST_FAMILY]
    if not any(len(each.text) == _TRACE_ID_LENGTH for each in found):
        return found
    at = _time_of(record)
    return [each for each in found if not _is_xray(each.text, at)]


def _said(record: SpanFacts | LogFacts | LinkFacts) -> Sequence[Value]:
    """Those ids, be they of traces or not."""
    column = None if isinstance(record, LinkFacts) else record.correlation_id
    return _worthy(column, record.keys) if column or record.keys else ()


@lru_cache(maxsize=_READ)
def _worthy(column: str | None, keys: tuple[str, ...]) -> Sequence[Value]:
    found = set()
    if column:
        family = next(letters(keys, Letter.FAMILY), COMMON_FAMILY)
        found.add(Value(Kind.CORRELATION, family, column))
    for text in keys:
        if text[:1] == Letter.CORRELATION:
            found.add(Value(Kind.CORRELATION, text[1:3], text[3:]))
        elif text[:1] == Letter.BUSINESS:
            found.add(Value(Kind.BUSINESS, text[1:3], text[3:]))
    return tuple(sorted(each for each in found if not is_worthless(each.text)))


def _time_of(record: SpanFacts | LogFacts | LinkFacts) -> int | None:
    if isinstance(record, SpanFacts):
        return record.start_ns
    return record.time_ns if isinstance(record, LogFacts) else None


def _is_xray(text: str, at: int | None) -> bool:
    """True for 32 hex digits that begin with the seconds since the epoch of about that time.

    One UUID in 830 does so too; what has the form of a random UUID must be of that very day, as
    X-Ray's ids nearly always are and one UUID in 50,000 is.
    """
    if at is None or len(text) != _TRACE_ID_LENGTH or not _TRACE_ID.fullmatch(text):
        return False
    random = text[12] == "4" and text[16] in "89ab"
    range_s = _DAY_S if random else _XRAY_RANGE_S
    return abs(int(text[:8], 16) - at // 1_000_000_000) <= range_s


def message_key(message_id: str, place: str | None, queues: Queues) -> str | None:
    """The key of a message id seen at a destination; None when it says nothing there.

    A dead-letter queue counts as the queue it serves.
    """
    if is_worthless(message_id):
        # A counter means something at its place: "0" is the first message of a partition.
        return (
            None
            if not message_id.isdecimal() or place is None
            else _placed(message_id, place, queues)
        )
    if is_unique(message_id):
        return value_key(message_id)
    return None if place is None else _placed(message_id, place, queues)


def _placed(message_id: str, place: str, queues: Queues) -> str:
    return placed_key(queues.source(place), message_id)


def role_of(span: SpanFacts) -> Role:
    """What a span does with the messages it names: OUT, IN, or MENTION of what it only fetched."""
    if span.kind == PRODUCER:
        return Role.OUT
    name = span.name.lower()
    if span.kind == CLIENT:
        only_fetched = FETCHES.search(name) and not SENDS.search(name)
        return Role.MENTION if only_fetched else Role.OUT
    if span.kind in (SERVER, CONSUMER):
        return Role.IN
    return Role.OUT if SENDS.search(name) and not HANDLES.search(name) else Role.IN


def only_fetches(span: SpanFacts) -> bool:
    """True for a span that takes messages for others to handle."""
    name = span.name.lower()
    if span.kind not in (CLIENT, CONSUMER) or not FETCHES.search(name):
        return False
    return not (HANDLES if span.kind == CONSUMER else SENDS).search(name)


def _object_role(span: SpanFacts) -> Role:
    if span.kind in (SERVER, CONSUMER):
        return Role.IN
    name = span.name.lower()
    if span.kind == PRODUCER or _WRITES.search(name):
        return Role.OUT
    return Role.IN if _READS.search(name) else Role.MENTION


def _plain_role(span: SpanFacts) -> Role:
    """Of events and executions: callers start them, servers and consumers are started by them."""
    if span.kind in (CLIENT, PRODUCER):
        return Role.OUT
    return Role.IN if span.kind in (SERVER, CONSUMER) else Role.MENTION


class SpanReader:
    """Reads the mentions of the spans and records of one trace; ``trace_id`` None: of no trace."""

    def __init__(self, trace_id: str | None, queues: Queues) -> None:
        self.trace_id = trace_id
        self.queues = queues
        self._read: dict[tuple[str, Outcome], tuple[SpanFacts, list[Mention]]] = {}

    def of_span(self, span: SpanFacts, outcome: Outcome) -> list[Mention]:
        """Mentions of a span, not to be changed; ``outcome`` is that of what it handles."""
        # The span of a message is asked for what it says of itself, its batch and its delivery.
        known = self._read.get((span.span_id, outcome))
        if known is not None and known[0] is span:
            return known[1]
        found = self._of_span(span, outcome)
        self._read[span.span_id, outcome] = span, found
        return found

    def _of_span(self, span: SpanFacts, outcome: Outcome) -> list[Mention]:
        found: list[Mention] = []
        if span.invocation_id and not _is_counter(span.invocation_id):
            role = {SERVER: Role.IN, CLIENT: Role.OUT, PRODUCER: Role.OUT}.get(
                span.kind, Role.MENTION
            )
            key = value_key(span.invocation_id)
            found.append(_timed(span, key, Kind.INVOCATION, role, outcome))
        if span.message_id or span.keys:
            found += self._messages(span, outcome)
        if span.keys:
            found += self._lettered(span, outcome)
        if span.correlation_id or span.keys:
            found += self._values(span, span.start_ns, end_of(span))
        for link in span.links:
            found += self.of_link(span, link, outcome)
        return found

    def of_link(self, span: SpanFacts, link: LinkFacts, outcome: Outcome) -> list[Mention]:
        """What a link refers to: a context (of this trace only its span), a message, ids."""
        found: list[Mention] = []
        if link.trace_id != self.trace_id:
            found.append(_timed(span, trace_key(link.trace_id), Kind.TRACE, Role.IN))
        found.append(_timed(span, span_key(link.trace_id, link.span_id), Kind.SPAN, Role.IN))
        ids = {link.message_id} if link.message_id else set()
        ids.update(letters(link.keys, Letter.MESSAGE))
        for message_id in sorted(ids):
            found += self._message(span, message_id, outcome, link.keys)
        if link.keys:
            found += self._values(link, span.start_ns, end_of(span), span.function)
        return found

    def _messages(self, span: SpanFacts, outcome: Outcome) -> list[Mention]:
        ids = {span.message_id} if span.message_id else set()
        ids.update(letters(span.keys, Letter.MESSAGE))
        return [
            mention
            for message_id in sorted(ids)
            for mention in self._message(span, message_id, outcome, ())
        ]

    def _message(
        self, span: SpanFacts, message_id: str, outcome: Outcome, link_keys: tuple[str, ...]
    ) -> list[Mention]:
        place = span.destination or None
        key = message_key(message_id, place, self.queues)
        if key is None:
            return []
        mention = _timed(span, key, Kind.MESSAGE, role_of(span), outcome)
        keys = span.keys + link_keys
        dead = bool(keys) and any(text[:1] == Letter.DEAD_LETTER_OF for text in keys)
        if place is not None and not dead:
            dead = mention.role is not Role.OUT and self.queues.is_dead(place)
        attempt = None
        if keys:
            attempt = greatest(link_keys, Letter.ATTEMPT) or greatest(span.keys, Letter.ATTEMPT)
        # Made anew: _replace takes three times as long.
        return [
            Mention(
                key, Kind.MESSAGE, mention.role, mention.time_ns, mention.end_ns, mention.outcome,
                place, span.function, "", attempt, dead, only_fetches(span),
            )
        ]  # fmt: skip

    def _lettered(self, span: SpanFacts, outcome: Outcome) -> list[Mention]:
        found = []
        told = self._not_traces(span)
        for text in span.keys:
            for key, kind, family in keys_of(text):
                if kind is Kind.TRACE and key in told:
                    continue
                role = Role.MENTION
                if kind is Kind.OBJECT:
                    role = _object_role(span)
                elif text[0] in (Letter.EVENT, Letter.EXECUTION):
                    role = _plain_role(span)
                handled = role is Role.IN or kind is Kind.IDEMPOTENCY
                ended = outcome if handled else Outcome.UNKNOWN
                mention = _timed(span, key, kind, role, ended)
                found.append(mention._replace(family=family))
        return found

    def _not_traces(self, record: SpanFacts | LogFacts) -> set[str]:
        """Trace keys that say nothing of a record: its own, and correlation ids of that form."""
        found = {value_key(value.text) for value in values_of(record)}
        return found | {trace_key(self.trace_id)} if self.trace_id is not None else found

    def of_log(self, log: LogFacts) -> list[Mention]:
        """What a log record mentions."""
        found: list[Mention] = []
        at = log.time_ns
        if log.invocation_id and not _is_counter(log.invocation_id):
            key = value_key(log.invocation_id)
            found.append(Mention(key, Kind.INVOCATION, Role.MENTION, at, at, function=log.function))
        told = self._not_traces(log) if log.keys else ()
        for text in log.keys:
            if text[:1] == Letter.MESSAGE and is_unique(text[1:]):
                key = value_key(text[1:])
                found.append(
                    Mention(key, Kind.MESSAGE, Role.MENTION, at, at, function=log.function)
                )
            for key, kind, family in keys_of(text):
                if kind is not Kind.TRACE or key not in told:
                    found.append(
                        Mention(key, kind, Role.MENTION, at, at, function=log.function,
                                family=family)
                    )  # fmt: skip
        return found + self._values(log, at, at)

    def _values(
        self,
        record: SpanFacts | LogFacts | LinkFacts,
        since: int,
        until: int,
        function: str | None = None,
    ) -> list[Mention]:
        """Its correlation and business ids, which hold for as long as their span lasts."""
        found = []
        if not isinstance(record, LinkFacts):
            function = record.function
        for value in _said(record):
            named = Mention(
                value_key(value.text), value.kind, Role.MENTION, since, until,
                function=function, family=value.family,
            )  # fmt: skip
            if _is_xray(value.text, _time_of(record)):
                named = named._replace(kind=Kind.TRACE, family="")
            if named.kind is not Kind.TRACE or value.text != self.trace_id:
                found.append(named)
        return found


def _is_counter(invocation_id: str) -> bool:
    return is_worthless(invocation_id) or (invocation_id.isdecimal() and len(invocation_id) < 8)


def _timed(
    span: SpanFacts, key: str, kind: Kind, role: Role, outcome: Outcome = Outcome.UNKNOWN
) -> Mention:
    """A send is timed by its end, a handling by its start, all else by its first mention."""
    if role is Role.OUT:
        at = end_of(span)
        return Mention(key, kind, role, at, at, function=span.function)
    if role is Role.IN:
        return Mention(key, kind, role, span.start_ns, span.end_ns, outcome, function=span.function)
    return Mention(
        key, kind, role, span.start_ns, span.start_ns,
        outcome if kind is Kind.IDEMPOTENCY else Outcome.UNKNOWN, function=span.function,
    )  # fmt: skip


def outcome_of(span: SpanFacts, *, failed: bool) -> Outcome:
    """How what a span handled ended; unknown while it goes on."""
    if failed:
        return Outcome.ERROR
    return Outcome.UNKNOWN if span.end_ns is None else Outcome.OK
