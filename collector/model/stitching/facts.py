"""What stitching works on: spans and log records in, fragments and their occurrences of keys out.

Plain values only, so that the same functions run on what a commit touched (keys as numbers) and on
one event trace that a person looks at (keys as texts).
"""

from collections.abc import Hashable
from enum import IntEnum

from collector.model.record import record
from collector.model.stitching.keys import Kind, Outcome, Role


@record(frozen=True, slots=True)
class LinkFacts:
    """A link as its span names it; ids as lower-case hex."""

    trace_id: str
    span_id: str
    message_id: str | None = None
    keys: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class SpanFacts:
    """What of a span matters here. ``end_ns`` None: it never ended; ``keys`` as in the column."""

    span_id: str
    parent_id: str | None
    name: str
    kind: int  # as in OTLP: 2 server 3 client 4 producer 5 consumer
    start_ns: int
    end_ns: int | None
    failed: bool
    function: str | None
    resource_id: int | None = None
    invocation_id: str | None = None
    cold_start: bool | None = None
    trigger: str | None = None
    destination: str | None = None
    message_id: str | None = None
    correlation_id: str | None = None
    keys: tuple[str, ...] = ()
    links: tuple[LinkFacts, ...] = ()


@record(frozen=True, slots=True)
class LogFacts:
    """What of a log record matters here; ``span_id`` None: it names none.

    ``failing``, of the platform's lines: True says that the attempt it is of failed, False that
    another one begins.
    """

    time_ns: int
    span_id: str | None
    function: str | None
    invocation_id: str | None = None
    correlation_id: str | None = None
    keys: tuple[str, ...] = ()
    of_platform: bool = False  # the platform's line on an invocation, not the function's own
    failing: bool | None = None


class Part(IntEnum):
    """What a fragment is; the number is stored."""

    WHOLE = 0  # a trace without batches
    DELIVERY = 1  # one message of a batch invocation
    SHARED = 2  # the spans of a batch invocation that are nobody's alone; in no event trace itself
    KEYED = 3  # spans of a batch invocation under a business id of their own
    REGION = 4  # spans below a batch invocation that begin another invocation
    LOGS = 5  # log records of an invocation that name no trace


@record(frozen=True, slots=True)
class Fragment:
    """Spans of one trace that belong to one delivery, or to the trace as a whole.

    ``shared_id`` is the shared fragment of a delivery's invocation. ``entry``: something outside
    began here (a request, a schedule), as far as its first span says. Times in ns.
    ``shared_by``, of a SHARED fragment: how many fragments name it as theirs, when every message of
    its batch is known; else 0. When all of them are of one event, it is of that event too (fan-in).
    """

    fragment_id: Hashable
    trace_id: str | None
    part: Part
    start_ns: int
    end_ns: int
    function: str | None  # of its first span
    functions: tuple[str, ...] = ()  # in order of first appearance
    destinations: tuple[str, ...] = ()  # it received from, in order of first appearance
    entry: bool = False
    failed: bool = False  # a root span of it failed, or the platform says so of its log records
    tenant: str | None = None
    shared_id: Hashable | None = None
    correlation_ids: tuple[str, ...] = ()  # texts of its CORRELATION ids, at most 8, sorted
    span_count: int = 0
    error_count: int = 0
    invocation_count: int = 0
    cold_start_count: int = 0
    phantom_count: int = 0  # parents it names that are in no span received
    unfinished: bool = False  # a span of it has no end
    platform_only: bool = False  # nothing but the platform's lines on an invocation
    shared_by: int = 0


@record(frozen=True, slots=True)
class Occurrence:
    """A fragment holds a key.

    ``time_ns``: when the message was sent (OUT: end of the send), when its handling began (IN),
    when it is first mentioned. ``place`` is the destination of a message, None when not said.
    Each handling is an occurrence of its own: three attempts in one trace are three of role IN.
    ``function`` is that of the span (or record) it was found on.
    ``family`` is that of a correlation or business id. ``attempt`` is the count of deliveries the
    telemetry itself states. ``dead_letter``: received from a dead-letter queue.
    """

    fragment_id: Hashable
    key: Hashable
    kind: Kind
    role: Role
    time_ns: int
    end_ns: int | None = None
    outcome: Outcome = Outcome.UNKNOWN
    place: str | None = None
    function: str | None = None
    family: str = ""
    attempt: int | None = None
    dead_letter: bool = False


@record(frozen=True, slots=True)
class Joint:
    """A tie between two fragments; ``source`` is the one that came first (sent, called, began).

    ``exact`` is False for what is inferred: correlation ids, object keys.
    """

    source: Hashable
    target: Hashable
    kind: Kind
    key: Hashable
    confidence: float
    exact: bool


@record(frozen=True, slots=True)
class Ignored:
    """A key that joins nothing (or not everything that holds it), and why.

    ``reason``: hub, worthless, constant, contradicted, ambiguous or tenants.
    """

    key: Hashable
    kind: Kind
    reason: str
    count: int
