"""The one row an event trace has in lists: how long, how it ended, by which path, what went wrong.

Computed when the event trace changes, from its fragments, their occurrences of keys and the joints
that hold it together; the page of one event trace tells the same story in full.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from collector.model.stitching.attempts import Attempts, MaxReceives, attempts
from collector.model.stitching.facts import Fragment, Joint, Occurrence, Part
from collector.model.stitching.hulls import hulls
from collector.model.stitching.keys import Kind, Outcome, Role

_CARRIED = frozenset((Kind.MESSAGE, Kind.EVENT, Kind.INVOCATION, Kind.EXECUTION))
_MAX_CORRELATION_IDS = 8


@dataclass(frozen=True, slots=True)
class EventRow:
    """A row of ``event_traces`` but for its id; times in ns.

    ``queue_wait_ns`` is the time during which something sent was not yet taken, overlaps counted
    once; None: it received from queues, but no key told when that was sent.
    """

    start_ns: int
    end_ns: int
    status: str
    root_function: str | None
    functions: tuple[str, ...]
    path: tuple[str, ...]
    shape_id: int
    trace_ids: tuple[str, ...]
    correlation_ids: tuple[str, ...]
    invocation_count: int
    hop_count: int
    retry_count: int
    duplicate_count: int
    cold_start_count: int
    queue_wait_ns: int | None
    phantom_count: int
    span_count: int
    error_count: int
    confidence: float
    joint_kinds: tuple[int, ...]
    platform_only: bool


def summarise(
    fragments: Sequence[Fragment],
    occurrences: Sequence[Occurrence],
    joints: Iterable[Joint],
    *,
    max_receives: MaxReceives = lambda _queue: None,
) -> EventRow:
    """The row of one event trace: its fragments (at least one), their occurrences and joints.

    ``joints`` are those that hold it together, the strongest for each pair.
    """
    ordered = sorted(fragments, key=lambda each: (each.start_ns, str(each.fragment_id)))
    root = next((each for each in ordered if each.entry), ordered[0])
    groups = attempts(ordered, occurrences)
    hollow = hulls(ordered, occurrences)
    ran = [each for each in ordered if each.fragment_id not in hollow]
    retried = sum(group.retries for group in groups)
    duplicated = sum(group.duplicates for group in groups) or _repeated_effects(occurrences)
    steps = _steps(ordered, groups)
    used = list(joints)
    return EventRow(
        start_ns=ordered[0].start_ns,
        end_ns=max(each.end_ns for each in ordered),
        status=_status(ordered, groups, max_receives),
        root_function=root.function,
        functions=tuple(dict.fromkeys(name for each in ordered for name in each.functions)),
        path=_path(steps),
        shape_id=_shape(steps),
        trace_ids=tuple(dict.fromkeys(each.trace_id for each in ordered if each.trace_id)),
        correlation_ids=_correlation_ids(ordered),
        invocation_count=sum(each.invocation_count for each in ran),
        hop_count=max(0, len(steps) - 1),
        retry_count=retried,
        duplicate_count=duplicated,
        cold_start_count=sum(each.cold_start_count for each in ran),
        queue_wait_ns=_queue_wait_ns(ordered, occurrences),
        phantom_count=sum(each.phantom_count for each in ordered),
        span_count=sum(each.span_count for each in ordered),
        error_count=sum(each.error_count for each in ordered),
        confidence=min((joint.confidence for joint in used), default=1.0),
        joint_kinds=tuple(sorted(int(joint.kind) for joint in used)),
        platform_only=all(each.platform_only for each in ordered),
    )


def _status(
    fragments: Sequence[Fragment], groups: Sequence[Attempts], max_receives: MaxReceives
) -> str:
    """dead_lettered before error before open before ok."""
    given_up = [group for group in groups if group.given_up(max_receives)]
    failed = [group for group in groups if group.failed]
    if any(not _redriven(group, failed, fragments) for group in given_up):
        return "dead_lettered"
    redone = {each.function for group in (given_up and failed) for each in group.handlings}
    if any(group.last.function not in redone for group in failed) or _died_silently(fragments):
        return "error"
    return "open" if any(each.unfinished for each in fragments) else "ok"


def _died_silently(fragments: Sequence[Fragment]) -> bool:
    """True when the platform tells of a failure, and nothing of that function came after it.

    A function that times out or is killed loses its spans; its platform's lines are all there is.
    Where spans tell of its invocations, they tell more.
    """
    return any(
        each.part is Part.LOGS
        and each.failed
        and not any(
            each.function in other.functions
            and (other.invocation_count or _succeeded_after(other, each))
            for other in fragments
        )
        for each in fragments
    )


def _succeeded_after(other: Fragment, each: Fragment) -> bool:
    return other.part is Part.LOGS and not other.failed and other.start_ns > each.start_ns


def _redriven(dead: Attempts, failed: Iterable[Attempts], fragments: Iterable[Fragment]) -> bool:
    """True when a function that could not do it did it after it had been put aside.

    A redrive gives the message another id, so only the function tells that it is the same work.
    """
    unable = {each.function for each in dead.handlings if not each.dead_letter}
    unable.update(group.last.function for group in failed)
    return any(
        each.function in unable
        and each.start_ns > dead.last.start_ns
        and not each.failed
        and each.part is not Part.LOGS
        for each in fragments
    )


def _steps(
    fragments: Sequence[Fragment], groups: Iterable[Attempts]
) -> list[tuple[str | None, str]]:
    """(queue, function) in order of first appearance; attempts at one thing are one step.

    A function seen behind a queue is that one also where a part of it does not say so.
    """
    place_of: dict[tuple[Hashable, str | None], str] = {}
    for group in groups:
        for each in group.handlings:
            if each.place:
                place_of.setdefault((each.fragment.fragment_id, each.function), each.place)
    steps: dict[tuple[str | None, str], None] = {}
    for fragment in fragments:
        for index, function in enumerate(fragment.functions):
            place = place_of.get((fragment.fragment_id, function))
            if place is None and index == 0 and fragment.destinations:
                place = fragment.destinations[0]
            steps.setdefault((place, function))
    placed = {function for place, function in steps if place}
    return [step for step in steps if step[0] or step[1] not in placed]


def _path(steps: Iterable[tuple[str | None, str]]) -> tuple[str, ...]:
    path: dict[str, None] = {}
    for place, function in steps:
        if place:
            path.setdefault(f"[{place}]")
        path.setdefault(function)
    return tuple(path)


def _shape(steps: Iterable[tuple[str | None, str]]) -> int:
    """Equal for equal sets of steps: parallel branches end in any order."""
    text = "\n".join(sorted(f"{place or ''}>{function}" for place, function in steps))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def _correlation_ids(fragments: Iterable[Fragment]) -> tuple[str, ...]:
    found = dict.fromkeys(value for each in fragments for value in each.correlation_ids)
    return tuple(found)[:_MAX_CORRELATION_IDS]


def _repeated_effects(occurrences: Iterable[Occurrence]) -> int:
    """Handlings that succeeded under an idempotency key after one had, under any message id."""
    done: dict[tuple[Hashable, str | None], set[Hashable]] = defaultdict(set)
    for each in occurrences:
        if each.kind is Kind.IDEMPOTENCY and each.outcome is Outcome.OK:
            done[each.key, each.function].add(each.fragment_id)
    return sum(len(fragments) - 1 for fragments in done.values())


def _queue_wait_ns(fragments: Sequence[Fragment], occurrences: Iterable[Occurrence]) -> int | None:
    sent: dict[Hashable, int] = {}
    taken: dict[Hashable, int] = {}
    for each in occurrences:
        if each.kind not in _CARRIED:
            continue
        if each.role is Role.OUT:
            sent[each.key] = min(sent.get(each.key, each.time_ns), each.time_ns)
        elif each.role is Role.IN and each.kind is not Kind.INVOCATION:
            taken[each.key] = min(taken.get(each.key, each.time_ns), each.time_ns)
    waits = sorted((sent[key], taken[key]) for key in taken.keys() & sent.keys())
    if not waits:
        return None if any(each.destinations for each in fragments) else 0
    total = 0
    reached = waits[0][0]
    for since, until in waits:
        total += max(0, until - max(since, reached))
        reached = max(reached, until)
    return total
