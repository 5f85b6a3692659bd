"""The one fragment of a trace without batches."""

from collections.abc import Mapping, Sequence

from collector.model.stitching.batches import Invocation
from collector.model.stitching.facts import LogFacts, Part, SpanFacts
from collector.model.stitching.fragmented import FragmentedTrace
from collector.model.stitching.gather import occurrences_of, own_trace, summary_of
from collector.model.stitching.keys import Kind, Letter, Outcome, Role
from collector.model.stitching.mentions import (
    CLIENT,
    CONSUMER,
    PRODUCER,
    SERVER,
    Mention,
    SpanReader,
    greatest,
    letters,
    outcome_of,
    values_of,
)
from collector.model.stitching.reuse import is_root
from collector.model.stitching.tree import Tree


def counts(tree: Tree, logs: Sequence[LogFacts]) -> dict[str, int]:
    """What :func:`needs_splitting` asks, of one trace."""
    links = received = batch = 0
    families: dict[str, set[str]] = {}
    records: list[SpanFacts | LogFacts] = [*tree.order, *logs]
    for record in records:
        for value in values_of(record):
            families.setdefault(value.family, set()).add(value.text)
    for span in tree.order:
        if span.keys:
            batch = max(batch, greatest(span.keys, Letter.BATCH) or 0)
        if span.kind != PRODUCER:
            links += len(span.links)
            received += sum(
                link.message_id is not None or any(letters(link.keys, Letter.MESSAGE))
                for link in span.links
            )
            if span.kind != CLIENT:
                named = span.message_id is not None or any(letters(span.keys, Letter.MESSAGE))
                received += named
    values = max((len(each) for each in families.values()), default=0)
    consumers = sum(span.kind == CONSUMER for span in tree.order)
    roots = sum(map(is_root, tree.order))
    return {
        "links": links,
        "received": received,
        "batch": batch,
        "values": values,
        "consumers": consumers,
        "roots": roots,
    }


def whole(
    trace_id: str,
    tree: Tree,
    logs: Sequence[LogFacts],
    reader: SpanReader,
    invocation_of: Mapping[str, Invocation] | None = None,
) -> FragmentedTrace:
    """The one fragment of a trace without batches; SQL makes the same of most traces.

    Fragment: id and trace id are the trace's, WHOLE; of spans with equal ids the one that ended
    last counts. Times from the spans, from the records where there are no spans. Spans are ranked:
    those that name no parent, those whose parent is not in the trace, the rest; then by start,
    SERVER and CONSUMER first, by id. ``function``: that of the first so ranked which names one.
    ``destinations``: of SERVER and CONSUMER spans. ``entry``: the first so ranked that states a
    trigger says http or timer; where none does, the first SERVER or CONSUMER span so ranked is a
    SERVER whose name begins with an HTTP method.
    ``failed``: a span failed whose parent is not in the trace. ``tenant``: the value under letter
    n, when all say the same. ``correlation_ids``: CORRELATION ids that are neither worthless nor
    X-Ray trace ids, sorted, the first 8.
    ``invocation_count``: SERVER spans with an invocation id, and SERVER and CONSUMER spans whose
    parent is absent or of another function and resource. ``phantom_count``: parents absent.

    Occurrences: OWN of the trace key, from its start to its end. Those of :class:`SpanReader`, with
    role IN one for each start and function (TRACE and SPAN: one in all), else one for each key,
    kind and role: time the least, end the greatest, the rest of the earliest. Outcome of what is
    handled (IN, and of idempotency keys): ERROR when its span failed or a SERVER or CONSUMER span
    of its function in the trace did (given ``invocation_of``: of its invocation), UNKNOWN when its
    span has no end, else OK. A message that a receive span took is IN unless another span handles
    it, then it is only mentioned.
    """
    fragment = summary_of(trace_id, trace_id, Part.WHOLE, tree, tree.order, logs)
    mentions = [own_trace(trace_id, fragment)]
    failures = {s.function for s in tree.order if s.failed and s.kind in (SERVER, CONSUMER)}
    failures.discard(None)
    for span in tree.order:
        if invocation_of is None:
            failed = span.failed or span.function in failures
        else:
            failed = span.failed or _invocation_failed(invocation_of[span.span_id])
        mentions += reader.of_span(span, outcome_of(span, failed=failed))
    if invocation_of is not None:
        mentions = _outermost(mentions, tree, reader)
    for log in logs:
        mentions += reader.of_log(log)
    return FragmentedTrace(
        (fragment,),
        tuple(occurrences_of(trace_id, mentions)),
        dict.fromkeys(tree.spans, trace_id),
    )


def _outermost(mentions: list[Mention], tree: Tree, reader: SpanReader) -> list[Mention]:
    """Without handlings within a handling of the same message by the same function."""
    inner = set()
    handled: dict[str, set[tuple[str, str | None]]] = {}
    for span in tree.order:
        above = tree.parent.get(span.span_id)
        around = handled.get(above, set()) if above is not None else set()
        mine = set()
        if span.message_id or span.links or span.keys:
            for mention in reader.of_span(span, Outcome.UNKNOWN):
                if mention.kind is Kind.MESSAGE and mention.role is Role.IN and not mention.fetched:
                    if (mention.key, span.function) in around:
                        inner.add((mention.key, mention.time_ns, mention.end_ns, span.function))
                    else:
                        mine.add((mention.key, span.function))
        handled[span.span_id] = around | mine if mine else around
    outer = {(m.key, m.time_ns, m.end_ns, m.function) for m in mentions}
    if not inner or not outer:
        return mentions
    return [
        each
        for each in mentions
        if each.kind is not Kind.MESSAGE
        or each.role is not Role.IN
        or (each.key, each.time_ns, each.end_ns, each.function) not in inner
    ]


def _invocation_failed(invocation: Invocation) -> bool:
    return any(span.failed and span.kind in (SERVER, CONSUMER) for span in invocation.spans)
