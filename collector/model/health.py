"""How functions and queues are: what pages, API and alerts say of them. None is unknown, 0 is zero.

Every figure is of a range of time [since, until). Where each comes from is told in docs/health.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from collector.model.cost import CostRow


@dataclass(slots=True)  # thousands on a page: frozen ones take three times as long to make
class Counts:
    """How invocations ended and began; counts of one function, of all, or of one step of time.

    ``error_count`` includes timeouts and out-of-memory, which are None where only metrics tell of a
    function, and of its errors not what they were. ``cold``, ``provisioned``, ``restored`` and
    ``warm`` are the invocations of which that is known.
    """

    invocation_count: int = 0
    error_count: int = 0
    timeout_count: int | None = 0
    out_of_memory_count: int | None = 0
    cold_start_count: int = 0
    provisioned_count: int = 0
    restored_count: int = 0
    warm_count: int = 0
    repeat_count: int = 0  # attempts after the first under the same invocation id
    throttled_count: int = 0  # calls turned away, as callers tell; no invocations

    @property
    def known_start_count(self) -> int:
        """Invocations whose cold or warm state is known."""
        return (
            self.cold_start_count + self.provisioned_count + self.restored_count + self.warm_count
        )

    @property
    def error_rate(self) -> float | None:
        return self.error_count / self.invocation_count if self.invocation_count else None

    @property
    def cold_start_rate(self) -> float | None:
        """Cold invocations of those whose state is known; None when of none it is."""
        known = self.known_start_count
        return self.cold_start_count / known if known else None

    @property
    def cold_start_coverage(self) -> float | None:
        """Share of the invocations whose state is known."""
        return self.known_start_count / self.invocation_count if self.invocation_count else None


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Within 1 % of the durations themselves; ns. None: none was told."""

    duration_p50_ns: float | None = None
    duration_p95_ns: float | None = None
    duration_p99_ns: float | None = None
    init_p50_ns: float | None = None
    init_p95_ns: float | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """What only the platform's metrics tell of a function; None where it sent none.

    ``throttle_rate`` is of the metrics' own invocations. Ages are the greatest of the range.
    """

    invocation_count: float | None = None
    error_count: float | None = None
    throttle_count: float | None = None
    max_concurrency: float | None = None
    iterator_age_ms: float | None = None
    async_event_age_ms: float | None = None
    async_events_dropped: float | None = None
    duration_mean_ms: float | None = None


@dataclass(frozen=True, slots=True)
class FunctionHealth:
    """One function in a range of time.

    ``evidence``: "invocations" when spans or platform lines tell of it, "metrics" when only metrics
    do (then ``counts`` are theirs, where they told any). The two are never added up.
    ``max_concurrency`` with ``concurrency_evidence``: "reported", or "overlaps" of invocations.
    ``throttle_count`` with ``throttle_evidence``: "reported", or "callers", whose spans tell
    at least so many.
    ``retry_count`` and ``duplicate_count`` are of the event traces it has a part in.
    ``partial_batch_failure_count`` are messages that invocations handed back though they ended
    well, of ``partial_batch_count`` batches; evidence "messages", "logs" or "metrics". None:
    nothing tells of a batch, or it was not asked for.
    """

    name: str
    provider: str | None
    platform: str | None
    region: str | None
    account_id: str | None
    counts: Counts
    quantiles: Quantiles
    memory_mb: int | None = None
    max_memory_used_mb: int | None = None
    throttle_count: float | None = None
    throttle_rate: float | None = None
    throttle_evidence: str | None = None
    max_concurrency: float | None = None
    concurrency_evidence: str | None = None
    retry_count: int | None = None
    duplicate_count: int | None = None
    partial_batch_failure_count: int | None = None
    partial_batch_count: int | None = None
    partial_batch_evidence: str | None = None
    iterator_age_ms: float | None = None
    async_event_age_ms: float | None = None
    evidence: str = "invocations"
    cost: CostRow | None = None  # None: it was not asked for, or nothing tells of it

    @property
    def memory_headroom(self) -> float | None:
        """Share of the memory that was never used."""
        if not self.memory_mb or self.max_memory_used_mb is None:
            return None
        return 1 - self.max_memory_used_mb / self.memory_mb


@dataclass(slots=True)  # thousands on a page: frozen ones take three times as long to make
class HealthPoint:
    """One step of a series. Steps in which nothing was told are not in it: a gap is not zero.

    ``quantiles`` are read for the series of one function alone, and unknown in those of lists.
    """

    time_ns: int
    counts: Counts
    quantiles: Quantiles = Quantiles()
    throttle_count: float | None = None
    max_concurrency: float | None = None
    memory_mb: int | None = None
    max_memory_used_mb: int | None = None


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """A function of the list, with its series (one point per step that has anything)."""

    health: FunctionHealth
    series: tuple[HealthPoint, ...]


@dataclass(frozen=True, slots=True)
class FunctionList:
    """Functions seen in a window, by name; ``step_ns`` is the width of the series' steps."""

    rows: tuple[FunctionRow, ...]
    step_ns: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All functions together, now and in the period of the same length before.

    ``function_series``: the counts of each over time, by name. ``dead_letters``: by queue, when the
    earliest event trace that ended dead-lettered through it began.
    """

    counts: Counts
    before: Counts
    quantiles: Quantiles
    throttle_count: float | None
    throttle_count_before: float | None
    series: tuple[HealthPoint, ...]
    step_ns: int
    functions: tuple[FunctionHealth, ...]
    functions_before: tuple[FunctionHealth, ...]
    function_series: Mapping[str, Sequence[HealthPoint]]
    queues: tuple["QueueHealth", ...]
    queues_before: tuple["QueueHealth", ...]
    dead_letters: Mapping[str, int]

    @property
    def oldest_dead_letter_age_s(self) -> float | None:
        """The greatest age among dead-letter queues that hold anything; None: none told its age."""
        held = (each.oldest_age_s for each in self.queues if each.is_dlq and each.depth)
        return max((age_s for age_s in held if age_s is not None), default=None)


@dataclass(frozen=True, slots=True)
class VersionHealth:
    """One version of a function; times are of its first and last invocation in the window."""

    version: str | None
    first_seen_ns: int
    last_seen_ns: int
    counts: Counts
    quantiles: Quantiles


@dataclass(frozen=True, slots=True)
class ErrorType:
    """Invocations of a function that failed alike; ``error_type`` None: nothing named it."""

    outcome: str
    error_type: str | None
    count: int
    first_seen_ns: int
    last_seen_ns: int
    example_event_trace_id: str | None
    example_trace_id: str | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """Invocations whose duration lies in one of the buckets, each 1.6 % wide."""

    middle_ns: float
    count: int


@dataclass(frozen=True, slots=True)
class FunctionDetail:
    """One function: its health now and before, over time, by version and by how it failed.

    Distributions are in order of duration; ``cold_durations`` are part of ``durations``.
    """

    health: FunctionHealth
    before: FunctionHealth | None
    series: tuple[HealthPoint, ...]
    step_ns: int
    versions: tuple[VersionHealth, ...]
    errors: tuple[ErrorType, ...]
    durations: tuple[Bucket, ...]
    cold_durations: tuple[Bucket, ...]
    inits: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True)
class InvocationRow:
    """One invocation as lists show it. ``init_kind``: cold, provisioned, snapshot_restore, warm."""

    function: str
    version: str | None
    invocation_id: str
    environment: str | None
    start_ns: int
    duration_ns: int | None
    billed_ns: int | None
    init_ns: int | None
    init_kind: str | None
    init_evidence: str | None
    memory_mb: int | None
    used_mb: int | None
    outcome: str | None
    error_type: str | None
    attempt: int
    trigger: str | None
    trace_id: str | None
    span_id: str | None
    event_trace_id: str | None


@dataclass(frozen=True, slots=True)
class FunctionInvocations:
    """The slowest and the newest failed invocations of a function."""

    slowest: tuple[InvocationRow, ...]
    failed: tuple[InvocationRow, ...]


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """One queue. Rates are per second over the window; ``observed_at_ns`` is when depth or age was
    last told, which may be before the window began.

    ``evidence``: "metrics", or "messages" when it is derived from the messages of event traces;
    then depth is what was sent and not taken yet, and only where taking is seen at all.
    ``source_evidence``: "settings", "redrive policy", "dead letters" that name where they come
    from, or "name".
    ``depth_evidence``: as ``evidence``, or "event traces": then depth is how many of them ended
    there, for what a platform moves is sent by nobody. None: depth is not known.
    """

    name: str
    provider: str | None
    is_dlq: bool
    source_queue: str | None
    source_evidence: str | None
    depth: float | None
    oldest_age_s: float | None
    oldest_age_since_first_sent_s: float | None
    in_rate: float | None
    out_rate: float | None
    observed_at_ns: int | None
    evidence: str
    depth_evidence: str | None = None


@dataclass(frozen=True, slots=True)
class QueuePoint:
    """One step of a queue's series; a step without a report is not in it."""

    time_ns: int
    depth: float | None
    oldest_age_s: float | None
    in_count: float | None
    out_count: float | None


@dataclass(frozen=True, slots=True)
class DeadLetterGroup:
    """Event traces that ended on a dead-letter queue with the same error.

    ``passed_since`` and ``failed_since`` are event traces through the same queue and function that
    began after the last of these failed, and how they ended: would it pass now?
    """

    error: str | None
    function: str | None
    event_count: int
    first_seen_ns: int
    last_seen_ns: int
    first_sent_ns: int
    passed_since: int
    failed_since: int
    example_event_trace_ids: tuple[str, ...]

    @property
    def would_pass(self) -> bool | None:
        """True when the same has passed since and not failed; None when nothing tells."""
        if not self.passed_since and not self.failed_since:
            return None
        return self.failed_since == 0


@dataclass(frozen=True, slots=True)
class RedrivePlan:
    """Commands for a person to read and run with their own credentials; nothing here runs them.

    ``warnings`` are what to look at before.
    """

    queue: str
    source_queue: str | None
    commands: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueDetail:
    """One queue with its series, its partner, and what lies in a dead-letter queue."""

    health: QueueHealth
    partner: QueueHealth | None
    series: tuple[QueuePoint, ...]
    step_ns: int
    dead_letters: tuple[DeadLetterGroup, ...] = field(default=())
    plan: RedrivePlan | None = None
