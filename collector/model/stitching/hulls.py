"""Fragments that are only hulls: a trace around a handler that another trace tells of in full.

The OpenTelemetry Java agent makes a span, each in a trace of its own, for every handler object that
AWS's runtime client puts around a function: two or three of one invocation, one within the other.
An attempt cannot run inside another with the same id, so what lies around it is the same attempt.
Of a batch each such trace is cut into deliveries, which have no id of their own: there it is the
message, and that they begin and end nearly together, that tell.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Final

from collector.model.stitching.facts import Fragment, Occurrence, Part
from collector.model.stitching.keys import Kind, Role

# The objects around a handler add milliseconds, a first call some 100 ms; a queue delivers again
# after seconds.
_NEAR_NS: Final = 1_000_000_000


def hulls(fragments: Iterable[Fragment], occurrences: Iterable[Occurrence]) -> set[Hashable]:
    """Ids of the fragments that lie around another trace of their invocation and send nothing."""
    by_id = {each.fragment_id: each for each in fragments}
    invoked: dict[Hashable, dict[Hashable, Fragment]] = defaultdict(dict)
    taken: dict[Hashable, dict[Hashable, Fragment]] = defaultdict(dict)
    senders: set[Hashable] = set()
    for each in occurrences:
        fragment = by_id.get(each.fragment_id)
        if each.role is Role.OUT:
            senders.add(each.fragment_id)
        elif fragment is None or each.role is not Role.IN:
            continue
        elif each.kind is Kind.INVOCATION and fragment.span_count:
            invoked[each.key, each.function][each.fragment_id] = fragment
        elif each.kind in (Kind.SPAN, Kind.MESSAGE) and _is_bare(fragment):
            taken[each.key, each.function][each.fragment_id] = fragment
    found = _outer(invoked, senders) | _outer(taken, senders, near=True)
    return found | _around_deliveries(invoked, taken, senders)


def _is_bare(fragment: Fragment) -> bool:
    """True of a delivery that is told of by its batch alone."""
    return fragment.part is Part.DELIVERY and not fragment.span_count


def _outer(
    told: Mapping[Hashable, Mapping[Hashable, Fragment]],
    senders: set[Hashable],
    *,
    near: bool = False,
) -> set[Hashable]:
    return {
        outer.fragment_id
        for same in told.values()
        if len(same) > 1
        for outer in same.values()
        if outer.fragment_id not in senders
        and any(_around(outer, each) and (not near or _near(outer, each)) for each in same.values())
    }


def _around_deliveries(
    invoked: Mapping[Hashable, Mapping[Hashable, Fragment]],
    taken: Mapping[Hashable, Mapping[Hashable, Fragment]],
    senders: set[Hashable],
) -> set[Hashable]:
    """Traces of a single span around a delivery to the same function."""
    deliveries = {each.fragment_id: each for same in taken.values() for each in same.values()}
    if not deliveries:
        return set()
    return {
        outer.fragment_id
        for same in invoked.values()
        for outer in same.values()
        if outer.part is Part.WHOLE and outer.span_count == 1 and outer.fragment_id not in senders
        if any(
            outer.function == each.function and _around(outer, each) and _near(outer, each)
            for each in deliveries.values()
        )
    }


def _near(outer: Fragment, inner: Fragment) -> bool:
    """True where both begin and end nearly together."""
    early, late = inner.start_ns - outer.start_ns, outer.end_ns - inner.end_ns
    return early <= _NEAR_NS and late <= _NEAR_NS


def _around(outer: Fragment, inner: Fragment) -> bool:
    """True of another trace's, of equal ones for the one with the smaller id."""
    if outer.trace_id == inner.trace_id:
        return False
    if (outer.start_ns, outer.end_ns) == (inner.start_ns, inner.end_ns):
        return str(outer.fragment_id) < str(inner.fragment_id)
    return outer.start_ns <= inner.start_ns and inner.end_ns <= outer.end_ns
