"""Fragments that are only hulls: a trace around a handler that another trace tells of in full.

The OpenTelemetry Java agent makes a span, each in a trace of its own, for every handler object that
AWS's runtime client puts around a function: two or three of one invocation, one within the other.
An attempt cannot run inside another with the same id, so what lies around it is the same attempt.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable

from collector.model.stitching.facts import Fragment, Occurrence
from collector.model.stitching.keys import Kind, Role


def hulls(fragments: Iterable[Fragment], occurrences: Iterable[Occurrence]) -> set[Hashable]:
    """Ids of the fragments that lie around another trace of their invocation and send nothing."""
    by_id = {each.fragment_id: each for each in fragments if each.span_count}
    told: dict[Hashable, dict[Hashable, Fragment]] = defaultdict(dict)
    senders: set[Hashable] = set()
    for each in occurrences:
        if each.role is Role.OUT:
            senders.add(each.fragment_id)
        elif each.kind is Kind.INVOCATION and each.role is Role.IN and each.fragment_id in by_id:
            told[each.key, each.function][each.fragment_id] = by_id[each.fragment_id]
    return {
        outer.fragment_id
        for same in told.values()
        if len(same) > 1
        for outer in same.values()
        if outer.fragment_id not in senders and any(_around(outer, each) for each in same.values())
    }


def _around(outer: Fragment, inner: Fragment) -> bool:
    """True of another trace's, of equal ones for the one with the smaller id."""
    if outer.trace_id == inner.trace_id:
        return False
    if (outer.start_ns, outer.end_ns) == (inner.start_ns, inner.end_ns):
        return str(outer.fragment_id) < str(inner.fragment_id)
    return outer.start_ns <= inner.start_ns and inner.end_ns <= outer.end_ns
