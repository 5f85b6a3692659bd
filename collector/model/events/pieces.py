"""What one event trace is put together from: its spans and log records, each with its fragment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from collector.model.event_trace import EventTraceSummary, IgnoredKey
from collector.model.log import LogRecord
from collector.model.record import record
from collector.model.span import Span
from collector.model.stitching.facts import Fragment, Joint, Occurrence
from collector.model.stitching.keys import Letter

SENDING: Final = frozenset(("producer", "client"))
TAKING: Final = frozenset(("server", "consumer"))


@record(frozen=True, slots=True)
class Piece:
    """A span of the event. ``shared``: it served several messages of a batch, not this alone.

    ``keys`` are those of the span's row beside its promoted columns (a letter and a value each).
    ``id`` is its trace id and span id: unique in the event. ``order`` is its place in time; ids
    make it the same whatever order the spans came in.
    """

    span: Span
    fragment_id: str
    shared: bool = False
    keys: tuple[str, ...] = ()
    id: tuple[str, str] = field(init=False, repr=False, compare=False)
    parent_id: tuple[str, str] | None = field(init=False, repr=False, compare=False)
    order: tuple[int, str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        span = self.span
        parent = span.parent_span_id
        object.__setattr__(self, "id", (span.trace_id, span.span_id))
        object.__setattr__(self, "parent_id", (span.trace_id, parent) if parent else None)
        object.__setattr__(self, "order", (span.start_ns, span.trace_id, span.span_id))

    @property
    def host(self) -> str:
        """Whose clock its times are read from: an execution environment where it names itself."""
        return self.span.resource.instance or self.span.function or self.span.service or ""

    @property
    def failed(self) -> bool:
        return self.span.status == "error"

    def told(self, letter: Letter) -> str | None:
        """The value of its first key with this letter."""
        for key in self.keys:
            if key[:1] == letter:
                return key[1:]
        return None

    def told_number(self, letter: Letter) -> int | None:
        """The same as a number; None where it is none."""
        value = self.told(letter)
        return int(value) if value and value.isascii() and value.isdigit() else None

    def shifted(self, shift_ns: int) -> "Piece":
        """The same read from a clock that is set forward by this."""
        if not shift_ns:
            return self
        events = tuple(replace(each, time_ns=each.time_ns + shift_ns) for each in self.span.events)
        moved = replace(self.span, start_ns=self.span.start_ns + shift_ns, events=events)
        return replace(self, span=moved)


@record(frozen=True, slots=True)
class LogPiece:
    """A log record of the event; ``shared`` as for spans."""

    record: LogRecord
    fragment_id: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    """Everything read of one event trace.

    ``fragments``, ``occurrences`` and ``joints`` carry ids of 16 hex digits and texts as keys.
    ``batch_sizes``: messages a batch invocation took, by the id of its shared fragment.
    ``arrived``: spans outside the event that links of it name and that are stored; ``invoked``:
    invocations that its log records name and spans outside of it tell of.
    """

    summary: EventTraceSummary
    pieces: tuple[Piece, ...]
    logs: tuple[LogPiece, ...]
    fragments: tuple[Fragment, ...]
    occurrences: tuple[Occurrence, ...]
    joints: tuple[Joint, ...]
    ignored: tuple[IgnoredKey, ...] = ()
    batch_sizes: Mapping[str, int] = field(default_factory=dict)
    arrived: frozenset[tuple[str, str]] = frozenset()
    invoked: frozenset[str] = frozenset()
    parents_elsewhere: frozenset[tuple[str, str]] = frozenset()
    truncated: bool = False
