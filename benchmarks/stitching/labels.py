"""What the generator knows and the judge holds against the answer: which record is of which event.

Every span and log record is an :class:`Item`: it names the business events it belongs to (several
for what a batch invocation did for all of its messages) and the identifiers on it that rightly tie
it to its event. Identifiers decide what can be demanded: two halves of an event that share none
cannot be joined by anybody, so that they count as two.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

# A span by trace and span id, a log record by its time, which no two records of a world share.
ItemKey = tuple[str, str] | int


@dataclass(frozen=True, slots=True)
class Context:
    """A span as others refer to it: ids as on the wire."""

    trace_id: bytes
    span_id: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """A business event: one order, one document. ``correlation`` is the id its functions pass on.

    ``tenant`` None: a system without tenants.
    """

    name: str
    at_ns: int
    correlation: str
    order: str
    tenant: str | None = None


@dataclass(slots=True, eq=False)
class Item:
    """One span or log record with its truth.

    ``run``: number of the invocation that made it. ``handles``: by event name, the identifiers
    that tie it; ``weak`` ones (an order id under a name of the user's own) tie only where another
    record calls the same value a correlation id. ``lie``: an identifier on it names another event.
    ``in_batch``: its invocation took several messages. ``several``: it stands for all of them, be
    they of one event (fan-in) or not.
    """

    record: Span | LogRecord
    run: int
    events: tuple[str, ...]
    handles: dict[str, set[str]] = field(default_factory=dict)
    weak: dict[str, set[str]] = field(default_factory=dict)
    lie: bool = False
    in_batch: bool = False
    several: bool = False

    @property
    def key(self) -> ItemKey:
        """How an answer names it."""
        if isinstance(self.record, Span):
            return self.record.trace_id.hex(), self.record.span_id.hex()
        return int(self.record.time_unix_nano)

    @property
    def time_ns(self) -> int:
        """When it began or was written, by the clock of its host."""
        if isinstance(self.record, Span):
            return int(self.record.start_time_unix_nano)
        return int(self.record.time_unix_nano)

    @property
    def shared(self) -> bool:
        """True for what a batch did for several events."""
        return len(self.events) > 1

    @property
    def context(self) -> Context:
        """The span's context."""
        assert isinstance(self.record, Span)
        return Context(self.record.trace_id, self.record.span_id)

    def tie(
        self, event: str, *identifiers: str, weak: bool = False, delivery: bool = False
    ) -> None:
        """Says that these identifiers on the record are truly of the event.

        On a record that a batch shares, only what names a message it took (``delivery``) tells
        which event is meant: of all the rest nobody can say whose it is.
        """
        if self.several and not delivery:
            return
        found = self.weak if weak else self.handles
        found.setdefault(event, set()).update(identifiers)


@dataclass(slots=True, eq=False)
class Export:
    """One OTLP request: what an environment sends at once. ``sent_ns``: when it arrives."""

    signal: str  # traces or logs
    resource: dict[str, object]
    scope: str
    items: list[Item]
    sent_ns: int


@dataclass(slots=True)
class Generated:
    """A scenario's traffic: exports in the order they arrive, and the items in them."""

    scenario: str
    exports: list[Export]
    note: str = ""

    def items(self) -> Iterable[Item]:
        """Every labelled record, once, though an export may be sent twice."""
        seen: set[int] = set()
        for export in self.exports:
            for item in export.items:
                if id(item) not in seen:
                    seen.add(id(item))
                    yield item
