"""Sorts what was read around one event trace into what is its own, what is shared, what is others'.

The traces of an event are cut again by the same functions that stitching uses, with texts as keys,
so that every joint can say its value. Of a batch the other messages' parts are left out.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from collector.model.event_trace import EventTraceSummary, IgnoredKey
from collector.model.events.pieces import LogPiece, Material, Piece
from collector.model.log import LogRecord
from collector.model.span import Span
from collector.model.stitching.facts import Fragment, Joint, LogFacts, Occurrence, Part, SpanFacts
from collector.model.stitching.fragments import fragment_trace, log_fragments
from collector.model.stitching.joints import stitch
from collector.model.stitching.keys import EVIDENCE, Kind, Letter, value_key
from collector.model.stitching.rules import RULES, Rules

_Context: TypeAlias = tuple[str, str]

_VALUES: Final = (Letter.CORRELATION, Letter.BUSINESS)

REASONS: Final = {
    "hub": "too many things hold it for one event: it ties nothing",
    "worthless": "a value that says nothing, such as a word for none: it ties nothing",
    "constant": "several requests began with it: it names no single event",
    "contradicted": "another value under the same name came first: it ties nothing here",
    "ambiguous": "it leads to what several messages of a batch share: it ties nothing by itself",
    "tenants": "several tenants use it: it ties only within one of them",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What was read: spans and log records of whole traces, each with its facts."""

    summary: EventTraceSummary
    own: frozenset[str]
    spans: Sequence[tuple[Span, SpanFacts]]
    logs: Sequence[tuple[LogRecord, LogFacts]]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """The fragments of all that was read, by the texts of their ids."""

    fragments: tuple[Fragment, ...]
    occurrences: tuple[Occurrence, ...]
    of_span: Mapping[_Context, str]
    loose: tuple["Loose", ...] = ()
    names: frozenset[str] = field(default_factory=frozenset)

    @property
    def keys(self) -> list[str]:
        """The texts of all keys held."""
        return sorted({str(each.key) for each in self.occurrences})

    def invocations_without_span(self, found: Found, ids: Mapping[str, str]) -> set[str]:
        """Invocations that log records of the event name and no span that was read."""
        named = {
            each.record.invocation_id
            for each in self.loose
            if each.name and ids[each.name] in found.own
        }
        known = {span.invocation_id for span, _ in found.spans}
        return {each for each in named - known if each}


@dataclass(frozen=True, slots=True)
class Loose:
    """A log record that names no trace, the text of its fragment (None: it is in none), its ids."""

    record: LogRecord
    name: str | None
    values: frozenset[str]


def cut(found: Found, rules: Rules = RULES) -> Cut:
    """Cuts every trace, and the log records that name none, into fragments."""
    spans: dict[str, list[SpanFacts]] = defaultdict(list)
    for span, facts in found.spans:
        spans[span.trace_id].append(facts)
    logs: dict[str, list[LogFacts]] = defaultdict(list)
    loose: list[tuple[LogRecord, LogFacts]] = []
    for record, log_facts in found.logs:
        if record.trace_id:
            logs[record.trace_id].append(log_facts)
        else:
            loose.append((record, log_facts))
    fragments: list[Fragment] = []
    occurrences: list[Occurrence] = []
    of_span: dict[_Context, str] = {}
    for trace_id in sorted(spans.keys() | logs.keys()):
        parts = fragment_trace(trace_id, spans[trace_id], logs[trace_id], queues=rules.queues)
        fragments += parts.fragments
        occurrences += parts.occurrences
        of_span.update({(trace_id, each): str(name) for each, name in parts.of_span.items()})
    parts = log_fragments([each for _, each in loose], queues=rules.queues)
    fragments += parts.fragments
    occurrences += parts.occurrences
    named = _named(loose, [str(each.fragment_id) for each in parts.fragments])
    names = frozenset(str(each.fragment_id) for each in fragments)
    return Cut(tuple(fragments), tuple(occurrences), of_span, tuple(named), names)


def _named(loose: Iterable[tuple[LogRecord, LogFacts]], names: Iterable[str]) -> list[Loose]:
    """Which fragment each record is in: that of its invocation, in a batch that of its value.

    A fragment is named ``logs:<function>\\n<invocation>\\n<value>``, without a value for all.
    """
    known: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for each in names:
        function, invocation, value = each.removeprefix("logs:").split("\n", 2)
        known[function, invocation][value] = each
    named = []
    for record, facts in loose:
        values = known.get((facts.function or "", facts.invocation_id or ""), {})
        told = _values(facts)
        # One left over from the invocation before is in a fragment of its value, the rest in one.
        name = next((values[value] for value in (*told, "") if value in values), None)
        named.append(Loose(record, name, frozenset(value_key(value) for value in told)))
    return named


def _values(facts: LogFacts) -> list[str]:
    """The correlation and business ids it carries, the first being the usual one."""
    told = sorted(each[3:] for each in facts.keys if each[:1] in _VALUES)
    return [facts.correlation_id, *told] if facts.correlation_id else told


def gather(
    found: Found,
    parts: Cut,
    ids: Mapping[str, str],
    verdicts: Sequence[tuple[str, int, str, int]] = (),
    arrived: Iterable[_Context] = (),
    invoked: Iterable[str] = (),
    rules: Rules = RULES,
    max_spans: int = 5_000,
) -> Material:
    """The event's own parts and those it shares.

    At most ``max_spans`` spans, its own before shared ones and the earliest first.
    ``ids``: the id (16 hex digits) of each text of a fragment. ``verdicts``: text, kind, reason and
    count of keys that were found to join nothing.
    """
    fragments = {ids[str(each.fragment_id)]: _renamed(each, ids) for each in parts.fragments}
    own = {each for each in found.own if each in fragments}
    shared = {
        str(fragments[each].shared_id) for each in own if fragments[each].shared_id is not None
    }
    shared |= {each for each in own if fragments[each].part is Part.SHARED}
    kept = [fragments[each] for each in sorted(own | (shared & fragments.keys()))]
    occurrences = [
        replace(each, fragment_id=ids[str(each.fragment_id)])
        for each in parts.occurrences
        if ids[str(each.fragment_id)] in own | shared
    ]
    pieces: list[Piece] = []
    elsewhere: set[_Context] = set()
    for span, facts in found.spans:
        home = ids.get(parts.of_span.get((span.trace_id, span.span_id), ""))
        if home in shared:
            pieces.append(Piece(span, str(home), True, facts.keys))
        elif home in own:
            pieces.append(Piece(span, str(home), False, facts.keys))
        else:
            elsewhere.add((span.trace_id, span.span_id))
    own_first = sorted(pieces, key=lambda each: (each.shared, each.order))
    return Material(
        summary=found.summary,
        pieces=tuple(own_first[:max_spans]),
        logs=tuple(_logs(found, parts, ids, frozenset(own), shared, fragments, occurrences)),
        fragments=tuple(kept),
        occurrences=tuple(occurrences),
        joints=tuple(_joints(kept, occurrences, own, verdicts, rules)),
        ignored=tuple(_ignored(verdicts)),
        batch_sizes=_batch_sizes(fragments.values()),
        arrived=frozenset(arrived),
        invoked=frozenset(invoked),
        parents_elsewhere=frozenset(elsewhere),
        truncated=found.truncated or len(pieces) > max_spans,
    )


def _renamed(fragment: Fragment, ids: Mapping[str, str]) -> Fragment:
    shared = fragment.shared_id
    return replace(
        fragment,
        fragment_id=ids[str(fragment.fragment_id)],
        shared_id=None if shared is None else ids.get(str(shared)),
    )


def _batch_sizes(fragments: Iterable[Fragment]) -> dict[str, int]:
    sizes: dict[str, int] = defaultdict(int)
    for each in fragments:
        if each.shared_id is not None and each.part is Part.DELIVERY:
            sizes[str(each.shared_id)] += 1
    return dict(sizes)


def _joints(
    fragments: Sequence[Fragment],
    occurrences: Sequence[Occurrence],
    own: set[str],
    verdicts: Sequence[tuple[str, int, str, int]],
    rules: Rules,
) -> list[Joint]:
    """The ties within the event; what was decided about keys in the whole store holds here too."""
    known: dict[Hashable, str] = {text: reason for text, _, reason, _ in verdicts}
    stitched = stitch(fragments, occurrences, verdicts=known, rules=rules)
    return [each for each in stitched.joints if each.source in own and each.target in own]


def _ignored(verdicts: Iterable[tuple[str, int, str, int]]) -> list[IgnoredKey]:
    found = {}
    for text, kind, reason, count in verdicts:
        value = text.partition(":")[2].replace("\n", " ")
        evidence = EVIDENCE[Kind(kind)] if kind in EVIDENCE else "key"
        found[text, kind] = IgnoredKey(evidence, value, REASONS.get(reason, reason), count)
    return sorted(found.values(), key=lambda each: (-each.count, each.evidence, each.key))


def _logs(
    found: Found,
    parts: Cut,
    ids: Mapping[str, str],
    own: frozenset[str],
    shared: set[str],
    fragments: Mapping[str, Fragment],
    occurrences: Sequence[Occurrence],
) -> Iterable[LogPiece]:
    """The records of the event. Of those on shared spans the ones with another's id are not."""
    mine = {str(each.key) for each in occurrences if each.fragment_id in own}
    whole = {fragments[each].trace_id: each for each in own if fragments[each].part is Part.WHOLE}
    for record, facts in found.logs:
        if not record.trace_id:
            continue
        home = ids.get(parts.of_span.get((record.trace_id, record.span_id or ""), ""))
        home = home or whole.get(record.trace_id)
        values = {value_key(each) for each in _values(facts)}
        if home in own and home not in shared:
            yield LogPiece(record, str(home))
        elif home in shared and (not values or values & mine):
            yield LogPiece(record, str(home), shared=True)
    of_shared = {
        span.invocation_id
        for span, _ in found.spans
        if ids.get(parts.of_span.get((span.trace_id, span.span_id), "")) in shared
    }
    of_own = {each.record.invocation_id for each in parts.loose if ids.get(each.name or "") in own}
    for each in parts.loose:
        home = ids.get(each.name or "")
        others = each.values and not each.values & mine
        if home in own:
            yield LogPiece(each.record, str(home))
        elif each.record.invocation_id in (of_shared | of_own) - {None} and not others:
            yield LogPiece(each.record, home or "", shared=True)
