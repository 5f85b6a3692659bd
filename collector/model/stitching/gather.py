"""Makes a fragment and its occurrences of the spans, log records and mentions that fell to it."""

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from collector.model.stitching.facts import Fragment, LogFacts, Occurrence, Part, SpanFacts
from collector.model.stitching.keys import Kind, Letter, Outcome, Role, trace_key
from collector.model.stitching.mentions import (
    CONSUMER,
    SERVER,
    Mention,
    end_of,
    letters,
    values_of,
)
from collector.model.stitching.tree import Tree, moment, rank

MOST_CORRELATION_IDS: Final = 8
ENTRY_TRIGGERS: Final = frozenset(("http", "timer"))
REQUEST: Final = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)( |$)")
_IN_EACH: Final = frozenset((Kind.TRACE, Kind.SPAN))


def starts_invocation(span: SpanFacts, tree: Tree) -> bool:
    """True for the span that tells of one invocation of a function.

    A SERVER with an invocation id, or a SERVER or CONSUMER that no span of its function or of its
    resource leads to.
    """
    if span.kind == SERVER and span.invocation_id:
        return True
    if span.kind not in (SERVER, CONSUMER):
        return False
    above = tree.parent.get(span.span_id)
    return above is None or is_elsewhere(span, tree.spans[above])


def is_elsewhere(span: SpanFacts, parent: SpanFacts) -> bool:
    """True when a span is of another function than its parent, and of another resource.

    A host of many functions names the function on the invocation span only.
    """
    if span.function == parent.function:
        return False
    return span.resource_id is None or span.resource_id != parent.resource_id


def is_entry(spans: Sequence[SpanFacts]) -> bool:
    """True when the first span that states a trigger says request or timer.

    Where none states one: when the first of the SERVER and CONSUMER spans is a SERVER named like an
    HTTP request. ``spans`` ordered by :func:`~collector.model.stitching.tree.rank`.
    """
    for span in spans:
        if span.trigger:
            return span.trigger in ENTRY_TRIGGERS
    for span in spans:
        if span.kind in (SERVER, CONSUMER):
            return span.kind == SERVER and REQUEST.match(span.name) is not None
    return False


def summary_of(
    fragment_id: Hashable,
    trace_id: str | None,
    part: Part,
    tree: Tree,
    spans: Iterable[SpanFacts],
    logs: Sequence[LogFacts],
) -> Fragment:
    """The fragment these spans and records make; at least one of them."""
    ordered = sorted(spans, key=moment)
    own = {span.span_id for span in ordered}
    # Records tell of time only where there are no spans: they may come from the platform, late.
    starts = [span.start_ns for span in ordered] or [log.time_ns for log in logs]
    ends = [end_of(span) for span in ordered] or [log.time_ns for log in logs]
    ranked = sorted(ordered, key=lambda span: rank(span, tree))
    functions = dict.fromkeys(span.function for span in ordered if span.function)
    first = next((span.function for span in ranked if span.function), None)
    if not functions:
        functions = dict.fromkeys(sorted({log.function for log in logs if log.function}))
    records: list[SpanFacts | LogFacts] = [*ordered, *logs]
    telling = [each for each in records if each.correlation_id or each.keys]  # few do
    tenants = {text for each in telling for text in letters(each.keys, Letter.TENANT)}
    ids = {
        value.text
        for each in telling
        for value in values_of(each)
        if value.kind is Kind.CORRELATION
    }
    return Fragment(
        fragment_id=fragment_id,
        trace_id=trace_id,
        part=part,
        start_ns=min(starts),
        end_ns=max(ends),
        function=first or next(iter(functions), None),
        functions=tuple(functions),
        destinations=_received_from(ordered),
        entry=is_entry(ranked),
        failed=any(s.failed for s in ordered if tree.parent.get(s.span_id) not in own),
        tenant=tenants.pop() if len(tenants) == 1 else None,
        correlation_ids=tuple(sorted(ids)[:MOST_CORRELATION_IDS]),
        span_count=len(ordered),
        error_count=sum(span.failed for span in ordered),
        invocation_count=sum(starts_invocation(span, tree) for span in ordered),
        cold_start_count=sum(span.cold_start is True for span in ordered),
        phantom_count=len({tree.missing[each] for each in own if each in tree.missing}),
        unfinished=any(span.end_ns is None for span in ordered),
        platform_only=not ordered and all(log.of_platform for log in logs),
    )


def _received_from(ordered: Sequence[SpanFacts]) -> tuple[str, ...]:
    """Destinations of the CONSUMER and SERVER spans, in order of first appearance."""
    found = dict.fromkeys(
        span.destination for span in ordered if span.destination and span.kind in (SERVER, CONSUMER)
    )
    return tuple(each for each in found if each)


def occurrences_of(fragment_id: Hashable, mentions: Iterable[Mention]) -> list[Occurrence]:
    """Occurrences of one fragment: each handling (IN) by itself, all else once a key and role."""
    ordered = sorted(mentions, key=_order)
    handled = {(m.key, m.kind) for m in ordered if m.role is Role.IN and not m.fetched}
    found: dict[tuple[object, ...], Occurrence] = {}
    for mention in ordered:
        role = mention.role
        if mention.fetched and role is Role.IN and (mention.key, mention.kind) in handled:
            role = Role.MENTION
        same: tuple[object, ...] = (mention.key, mention.kind, role)
        if role is Role.IN and mention.kind not in _IN_EACH:
            same = (*same, mention.time_ns, mention.function)
        earlier = found.get(same)
        found[same] = (
            _made(fragment_id, mention, role) if earlier is None else _both(earlier, mention)
        )
    return list(found.values())


def _order(mention: Mention) -> tuple[object, ...]:
    return (
        mention.time_ns, mention.key, mention.kind, mention.role, mention.end_ns or 0,
        mention.outcome, mention.place or "", mention.function or "", mention.family,
        mention.attempt or 0, mention.dead_letter, mention.fetched,
    )  # fmt: skip


def _made(fragment_id: Hashable, mention: Mention, role: Role) -> Occurrence:
    return Occurrence(
        fragment_id=fragment_id,
        key=mention.key,
        kind=mention.kind,
        role=role,
        time_ns=mention.time_ns,
        end_ns=mention.end_ns,
        outcome=mention.outcome,
        place=mention.place,
        function=mention.function,
        family=mention.family,
        attempt=mention.attempt,
        dead_letter=mention.dead_letter,
    )


def _both(earlier: Occurrence, mention: Mention) -> Occurrence:
    """The earlier one, with what the later adds; an OK outweighs an error."""
    end = earlier.end_ns
    if mention.end_ns is not None and (end is None or mention.end_ns > end):
        end = mention.end_ns
    outcome = earlier.outcome
    if outcome is not Outcome.OK and mention.outcome is not Outcome.UNKNOWN:
        outcome = mention.outcome
    attempt = max(earlier.attempt or 0, mention.attempt or 0) or None
    place = earlier.place or mention.place
    dead = earlier.dead_letter or mention.dead_letter
    if (end, outcome, attempt, place, dead) == (
        earlier.end_ns, earlier.outcome, earlier.attempt, earlier.place, earlier.dead_letter,
    ):  # fmt: skip
        return earlier
    return replace(
        earlier, end_ns=end, outcome=outcome, attempt=attempt, place=place, dead_letter=dead
    )


def own_trace(trace_id: str, fragment: Fragment) -> Mention:
    """The fragment is (part of) this trace."""
    return Mention(
        trace_key(trace_id), Kind.TRACE, Role.OWN, fragment.start_ns, fragment.end_ns,
        function=fragment.function,
    )  # fmt: skip
