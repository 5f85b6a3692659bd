"""What needs attention: functions and queues that are not well, worst first, a sentence each.

A sentence says what, how much, and since when; "since" is the first step of the series from which
on it never stopped, and where it has stopped, when it was last seen.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from collector.model.failures import Failures
from collector.model.health import FunctionHealth, HealthPoint, QueueHealth
from web import formats

MOST: Final = 8

_RARE: Final = 0.01  # a share below it is told, but as a warning
_TIGHT: Final = 0.1  # of the memory is left
_OFTEN_COLD: Final = 0.2
_FEWEST_STARTS: Final = 20
_SLOWER: Final = 0.5  # p95 against the period before
_FEWEST_TIMED: Final = 50
_OLD_MS: Final = 60_000


Seen: TypeAlias = Callable[[HealthPoint], bool | None]
"""Whether a step shows a trouble; None: nothing of the step tells."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong. ``weight`` orders; ``seen`` says whether a step shows it."""

    weight: float
    text: str
    symbol: str
    tone: Literal["bad", "warn"]
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """One function or queue. ``since_ns`` and ``last_ns``: None where no series tells.

    ``last_ns`` is when it was last seen, None while it goes on. ``failed_count``: event traces
    that failed, ``failed_status`` how most seriously.
    """

    kind: Literal["function", "queue"]
    name: str
    tone: Literal["bad", "warn"]
    symbol: str
    text: str
    also: tuple[str, ...]
    since_ns: int | None
    last_ns: int | None
    failed_count: int = 0
    failed_status: str = "error"


def troubles(now: FunctionHealth, before: FunctionHealth | None) -> list[Trouble]:
    """All that is wrong with a function, the worst first; none: it is well as far as is known."""
    found = [*_failures(now), *_throttles(now), *_strain(now), *_slower(now, before)]
    return sorted(found, key=lambda each: -each.weight)


def weight(now: FunctionHealth, before: FunctionHealth | None) -> float:
    """How unwell a function is; 0: nothing is known to be wrong."""
    return max((each.weight for each in troubles(now, before)), default=0.0)


def of_function(
    now: FunctionHealth,
    before: FunctionHealth | None,
    series: Sequence[HealthPoint],
    failures: Failures,
) -> Concern | None:
    """What to say of a function; None when nothing is wrong."""
    found = troubles(now, before)
    if not found:
        return None
    worst = found[0]
    since_ns, last_ns = _run(series, worst.seen) if worst.seen else (None, None)
    also = tuple(each.text for each in found[1:3])
    return Concern(
        "function", now.name, worst.tone, worst.symbol, worst.text, also, since_ns, last_ns,
        failures.count, "error" if failures.error_count else "dead_lettered",
    )  # fmt: skip


def of_queues(queues: Iterable[QueueHealth], now_ns: int) -> list[Concern]:
    """Dead-letter queues that hold anything, the one that has for longest first."""
    holding = [each for each in queues if holds_dead_letters(each)]
    return [
        Concern("queue", each.name, "bad", "dead", *_dead(each), _entered(each, now_ns), None)
        for each in sorted(holding, key=lambda each: -(dead_letter_age_s(each) or 0))
    ]


def of_dead_letters(
    first_sent_ns: Mapping[str, int], queues: Iterable[QueueHealth], now_ns: int
) -> list[Concern]:
    """Queues whose messages ended in a dead-letter queue that told nothing of itself.

    ``first_sent_ns``: by queue, when the first event trace that ended so was sent.
    """
    known = [each for each in queues if each.is_dlq]
    told = {each.name for each in known} | {each.source_queue for each in known}
    return [
        Concern(
            "queue", name, "bad", "dead", "messages were given up",
            (
                f"first sent {formats.duration(now_ns - sent_ns)} ago",
                "in which dead-letter queue they lie is unknown",
            ), None, None,
        )
        for name, sent_ns in sorted(first_sent_ns.items(), key=lambda item: item[1])
        if name not in told
    ]  # fmt: skip


def holds_dead_letters(queue: QueueHealth) -> bool:
    """Whether messages are known to lie in a dead-letter queue; where depth is unknown, an age
    or event traces that ended there say so."""
    if not queue.is_dlq:
        return False
    return queue.depth > 0 if queue.depth is not None else dead_letter_age_s(queue) is not None


def dead_letter_age_s(queue: QueueHealth) -> float | None:
    """Since the oldest entered the dead-letter queue; else since it was first sent."""
    if queue.oldest_age_s is not None:
        return queue.oldest_age_s
    return queue.oldest_age_since_first_sent_s


def _dead(queue: QueueHealth) -> tuple[str, tuple[str, ...]]:
    if queue.depth is None:
        text = "holds messages given up, how many is unknown"
    else:
        text = f"holds {formats.plural(int(queue.depth), 'message')} given up"
    also = []
    if queue.oldest_age_since_first_sent_s is not None:
        also.append(f"first sent {formats.seconds(queue.oldest_age_since_first_sent_s)} ago")
    if queue.source_queue:
        also.append(f"from {queue.source_queue}")
    return text, tuple(also)


def _entered(queue: QueueHealth, now_ns: int) -> int | None:
    return None if queue.oldest_age_s is None else now_ns - int(queue.oldest_age_s * 1e9)


def _failures(now: FunctionHealth) -> Iterable[Trouble]:
    counts = now.counts
    if not counts.error_count or counts.error_rate is None:
        return
    parts = [
        f"{formats.count(number)} {what}"
        for number, what in (
            (counts.timeout_count, "timed out"),
            (counts.out_of_memory_count, "out of memory"),
        )
        if number
    ]
    of = formats.plural(counts.invocation_count, "invocation")
    how = f" ({', '.join(parts)})" if parts else ""
    text = f"{formats.ratio(counts.error_rate)} of {of} failed{how}"
    rare = counts.error_rate < _RARE
    yield Trouble(
        1 + counts.error_rate, text, "error", "warn" if rare else "bad",
        lambda point: point.counts.error_count > 0 if point.counts.invocation_count else None,
    )  # fmt: skip


def _throttles(now: FunctionHealth) -> Iterable[Trouble]:
    if not now.throttle_count:
        return
    calls = formats.plural(int(now.throttle_count), "call")
    share = f"{formats.ratio(now.throttle_rate)} throttled ({calls})"
    text = share if now.throttle_rate is not None else f"{calls} throttled"
    rare = now.throttle_rate is not None and now.throttle_rate < _RARE
    yield Trouble(
        1.2 + (now.throttle_rate or 0), text, "throttle", "warn" if rare else "bad",
        lambda point: None if point.throttle_count is None else point.throttle_count > 0,
    )  # fmt: skip


def _strain(now: FunctionHealth) -> Iterable[Trouble]:
    headroom = now.memory_headroom
    if headroom is not None and headroom < _TIGHT:
        text = (
            f"{formats.memory(now.max_memory_used_mb)} of {formats.memory(now.memory_mb)} used,"
            f" {formats.ratio(headroom)} left"
        )
        yield Trouble(0.6 - headroom, text, "memory", "warn")
    rate, known = now.counts.cold_start_rate, now.counts.known_start_count
    if rate is not None and rate >= _OFTEN_COLD and known >= _FEWEST_STARTS:
        text = f"{formats.ratio(rate)} cold starts"
        yield Trouble(
            0.2 + rate / 10,
            text,
            "cold",
            "warn",
            lambda p: p.counts.cold_start_count > 0 if p.counts.known_start_count else None,
        )
    for age_ms, what in (
        (now.iterator_age_ms, "reads a stream {} late"),
        (now.async_event_age_ms, "asynchronous events wait {}"),
    ):
        if age_ms is not None and age_ms >= _OLD_MS:
            yield Trouble(0.5, what.format(formats.duration(age_ms * 1e6)), "clock", "warn")


def _slower(now: FunctionHealth, before: FunctionHealth | None) -> Iterable[Trouble]:
    p95, earlier = now.quantiles.duration_p95_ns, before and before.quantiles.duration_p95_ns
    if before is None or p95 is None or not earlier:
        return
    timed = min(now.counts.invocation_count, before.counts.invocation_count)
    if timed >= _FEWEST_TIMED and p95 / earlier - 1 >= _SLOWER:
        text = f"p95 {formats.duration(p95)}, {formats.change(p95 / earlier - 1)}"
        yield Trouble(0.3, f"{text} against the period before", "clock", "warn")


def _run(series: Sequence[HealthPoint], seen: Seen) -> tuple[int | None, int | None]:
    """The first step of the last run of steps that show it, and its last one if it has ended.

    Steps in which nothing was told end no run: a function that is not called is not mended.
    """
    first_ns = last_ns = None
    over = False
    for point in series:
        shows = seen(point)
        if shows:
            first_ns = point.time_ns if first_ns is None or over else first_ns
            last_ns, over = point.time_ns, False
        elif shows is False:
            over = last_ns is not None
    return first_ns, last_ns if over else None


def ordered(
    functions: Iterable[FunctionHealth], before: Mapping[str, FunctionHealth]
) -> list[FunctionHealth]:
    """Functions, the least well first; those that are well by how often they are invoked."""
    return sorted(
        functions,
        key=lambda each: (
            -weight(each, before.get(each.name)), -each.counts.invocation_count, each.name
        ),
    )  # fmt: skip
