"""The spans of one trace as a forest, whatever arrived: with lost parents, cycles and copies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collector.model.stitching.facts import SpanFacts


@dataclass(frozen=True, slots=True)
class Tree:
    """``order``: parents before children, siblings by time. ``parent`` has only parents present.

    ``missing``: of each span whose parent never arrived, that parent's id.
    """

    spans: dict[str, SpanFacts]
    order: tuple[SpanFacts, ...]
    parent: dict[str, str]
    children: dict[str, list[SpanFacts]]
    missing: dict[str, str]


def moment(span: SpanFacts) -> tuple[int, str]:
    """Spans of one trace are ordered by this."""
    return (span.start_ns, span.span_id)


def distinct(spans: Sequence[SpanFacts]) -> list[SpanFacts]:
    """One of each span id, by time: of several the one that ended, ended last, says most."""
    found: dict[str, SpanFacts] = {}
    for span in spans:
        other = found.setdefault(span.span_id, span)
        if other is not span and _weight(span) > _weight(other):
            found[span.span_id] = span
    return sorted(found.values(), key=moment)


def _weight(span: SpanFacts) -> tuple[bool, int, int, str]:
    said = len(span.keys) + len(span.links)
    return (span.end_ns is not None, span.end_ns or 0, said, repr(span))


def rank(span: SpanFacts, tree: Tree) -> tuple[int, int, bool, str]:
    """Which span speaks for a trace is decided by this: roots first, whatever clocks say.

    Those that name no parent, those whose parent is not in the trace, the rest; then by start.
    """
    place = 0 if span.parent_id is None else 2 if span.span_id in tree.parent else 1
    return (place, span.start_ns, span.kind not in (2, 5), span.span_id)


def build_tree(spans: Sequence[SpanFacts]) -> Tree:
    """The forest of these spans, which are distinct and ordered by :func:`moment`."""
    by_id = {span.span_id: span for span in spans}
    parent: dict[str, str] = {}
    missing: dict[str, str] = {}
    for span in spans:
        if span.parent_id and span.parent_id != span.span_id:
            (parent if span.parent_id in by_id else missing)[span.span_id] = span.parent_id
    children = _children(spans, parent)
    roots = [span for span in spans if span.span_id not in parent]
    order = _preorder(roots, children)
    while len(order) < len(by_id):
        _break_cycle(spans, {span.span_id for span in order}, parent)
        children = _children(spans, parent)
        roots = [span for span in spans if span.span_id not in parent]
        order = _preorder(roots, children)
    return Tree(by_id, tuple(order), parent, children, missing)


def _children(spans: Iterable[SpanFacts], parent: dict[str, str]) -> dict[str, list[SpanFacts]]:
    children: dict[str, list[SpanFacts]] = {}
    for span in spans:
        above = parent.get(span.span_id)
        if above is not None:
            children.setdefault(above, []).append(span)
    return children


def _preorder(roots: Sequence[SpanFacts], children: dict[str, list[SpanFacts]]) -> list[SpanFacts]:
    order: list[SpanFacts] = []
    waiting = list(reversed(roots))
    while waiting:
        span = waiting.pop()
        order.append(span)
        waiting.extend(reversed(children.get(span.span_id, ())))
    return order


def _break_cycle(spans: Sequence[SpanFacts], reached: set[str], parent: dict[str, str]) -> None:
    """Makes the earliest span of a cycle that nothing leads to a root."""
    for span in spans:
        if span.span_id in reached:
            continue
        seen = {span.span_id}
        above = parent.get(span.span_id)
        while above is not None and above not in seen:
            seen.add(above)
            above = parent.get(above)
        if above == span.span_id:
            del parent[span.span_id]
            return
