"""The four gates a function or a flow passes or fails: pure, over what the store answered.

*reliability*: retries do not repeat effects. *latency*: the p95 of its busiest minutes keeps to
what was promised. *cost*: a success costs no more than its budget. *operability*: somebody owns it,
its alerts and its dead letters. What cannot be told is unknown, with what to do about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from collector.alerts.metric import value_text
from collector.model.durations import duration

PASS: Final = "pass"  # noqa: S105 - a verdict
FAIL: Final = "fail"
UNKNOWN: Final = "unknown"
GATES: Final = ("reliability", "latency", "cost", "operability")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verdict rests on: ``kind`` is event_trace, rule, slo, queue, function or setting."""

    kind: str
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One verdict. ``figure`` is the sentence with the number; ``remedy`` says what would make an
    unknown one known, or a failed one pass."""

    name: str
    verdict: str
    figure: str
    value: float | None = None
    bound: float | None = None
    unit: str = ""
    remedy: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """What was promised of a figure, and by which rule or objective."""

    value: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Busiest:
    """The busiest stretch of a window: how many there were, and the p95 of just these."""

    count: int
    p95_ms: float | None
    stretch_ns: int


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """A dead-letter queue and the rule with an owner that watches it; None: there is none."""

    queue: str
    rule: Evidence | None
    owner: str | None


def reliability(
    retries: int | None,
    duplicates: int | None,
    duplicated: Sequence[str],
    retried: Sequence[str],
    unsure: int = 0,
) -> Gate:
    """Whether what was tried again had its effect once; ids are of event traces. ``unsure``: what
    was repeated in them, of which nothing tells by whom."""
    if retries is None or duplicates is None:
        return Gate(
            "reliability", UNKNOWN, "no event trace tells of it",
            remedy="Send spans or the platform's log lines: metrics alone tell of no retry.",
        )  # fmt: skip
    if duplicates:
        return Gate(
            "reliability", FAIL,
            f"{duplicates} handled again after they had succeeded, {retries} retried",
            duplicates, 0, "count",
            "Make the handler idempotent: remember the message's id before the effect.",
            tuple(Evidence("event_trace", each, "handled twice") for each in duplicated),
        )  # fmt: skip
    if unsure:
        return Gate(
            "reliability", UNKNOWN, f"{unsure} repeated in its event traces, by whom is not told",
            unsure, 0, "count",
            "Send message ids (messaging.message.id) on the spans that handle messages.",
        )  # fmt: skip
    if not retries:
        return Gate(
            "reliability", UNKNOWN, "nothing was retried", 0, 0, "count",
            "Nothing failed or was delivered again in this window: widen it, or test a retry.",
        )  # fmt: skip
    return Gate(
        "reliability", PASS, f"{retries} retried, none had its effect twice", 0, 0, "count",
        evidence=tuple(Evidence("event_trace", each, "retried") for each in retried),
    )  # fmt: skip


def latency(
    busiest: Busiest | None,
    bound: Bound | None,
    slowest: Sequence[str] = (),
    what: str = "function",
) -> Gate:
    """Whether it keeps to its promise when there is most to do."""
    if busiest is None or busiest.p95_ms is None:
        return Gate(
            "latency", UNKNOWN, "no duration was told",
            remedy="Send spans or the platform's REPORT lines: they tell how long it took.",
        )  # fmt: skip
    figure = (
        f"p95 {value_text(busiest.p95_ms, 'ms')} in the busiest "
        f"{duration(busiest.stretch_ns)} ({busiest.count} of them)"
    )
    if bound is None:
        rule = "duration_p95_ms" if what == "function" else "flow_p95_ms"
        return Gate(
            "latency", UNKNOWN, figure, busiest.p95_ms, None, "ms",
            f"Promise something: an objective on latency, or a rule on {rule}.",
        )  # fmt: skip
    kept = busiest.p95_ms <= bound.value
    found = tuple(Evidence("event_trace", each, "slowest") for each in slowest)
    return Gate(
        "latency", PASS if kept else FAIL, f"{figure}, promised {value_text(bound.value, 'ms')}",
        busiest.p95_ms, bound.value, "ms",
        None if kept else "Look at the slowest event traces: their critical path says what waits.",
        (bound.evidence, *(() if kept else found)),
    )  # fmt: skip


def cost(per_success_usd: float | None, bound: Bound | None) -> Gate:
    """Whether a success costs no more than it may."""
    if per_success_usd is None:
        return Gate(
            "cost", UNKNOWN, "nothing tells what was billed, or nothing succeeded",
            remedy="Send REPORT lines, or say memory and plan under [[functions]].",
        )  # fmt: skip
    figure = f"{value_text(per_success_usd, 'usd')} for each success"
    if bound is None:
        return Gate(
            "cost", UNKNOWN, figure, per_success_usd, None, "usd",
            "Set a budget: a rule on cost_per_success_usd.",
        )  # fmt: skip
    kept = per_success_usd <= bound.value
    return Gate(
        "cost", PASS if kept else FAIL, f"{figure}, budget {value_text(bound.value, 'usd')}",
        per_success_usd, bound.value, "usd",
        None if kept else "The Costs page says where it goes: cold starts, retries, idle memory.",
        (bound.evidence,),
    )  # fmt: skip


def operability(
    watched: Sequence[tuple[str, Evidence]], dead_letters: Sequence[DeadLetters], owner: str | None
) -> Gate:
    """Whether somebody is told. ``watched``: owner and rule of each that has one; ``owner``: what
    the settings say."""
    open_queues = [each for each in dead_letters if each.rule is None]
    known = tuple(each.rule for each in dead_letters if each.rule is not None)
    evidence = (*(rule for _, rule in watched), *known)
    owners = sorted({name for name, _ in watched} | ({owner} if owner else set()))
    if open_queues:
        names = ", ".join(each.queue for each in open_queues)
        return Gate(
            "operability", FAIL, f"nobody is told of dead letters in {names}",
            len(open_queues), 0, "count", "Make a rule on dlq_depth with an owner.",
            tuple(Evidence("queue", each.queue, each.queue) for each in open_queues),
        )  # fmt: skip
    if not watched:
        said = f"owned by {owner}, but no alert rule with an owner watches it" if owner else (
            "no alert rule with an owner watches it"
        )  # fmt: skip
        return Gate(
            "operability", FAIL, said, 0, 1, "count",
            "Make a rule with an owner, or switch the starter set on.",
        )  # fmt: skip
    queues = "dead-letter queue" if len(dead_letters) == 1 else "dead-letter queues"
    letters = f", {len(dead_letters)} {queues} with an owner" if dead_letters else ""
    return Gate(
        "operability", PASS, f"owned by {', '.join(owners)}{letters}", len(watched), 1, "count",
        evidence=evidence,
    )  # fmt: skip
