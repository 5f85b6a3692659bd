"""Finds what shares a trace id without being of one event: what a broken or endless trace holds."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from collector.model.stitching.batches import Invocation
from collector.model.stitching.facts import LogFacts, SpanFacts
from collector.model.stitching.gather import ENTRY_TRIGGERS
from collector.model.stitching.keys import COMMON_FAMILY
from collector.model.stitching.log_parts import is_batch_of_logs, left_over
from collector.model.stitching.mentions import SERVER, end_of, values_of
from collector.model.stitching.rules import HOUR_NS
from collector.model.stitching.tree import Tree, moment

_LONGEST_INVOCATION_NS: Final = HOUR_NS // 4
"""Longer than any function runs: a loop that takes work for as long as its process lives."""


def is_root(span: SpanFacts) -> bool:
    """True for the first span of an invocation that nothing called; a trace has one at most."""
    return span.kind == SERVER and span.parent_id is None and span.invocation_id is not None


def reused_roots(tree: Tree) -> frozenset[str]:
    """Ids of the roots of a trace id that one environment went on using.

    They are of different requests, one after the other; what calls something gives it a parent.
    """
    of_environment: dict[tuple[str | None, int | None], list[SpanFacts]] = {}
    for span in tree.order:
        if is_root(span):
            of_environment.setdefault((span.function, span.resource_id), []).append(span)
    found: set[str] = set()
    for roots in of_environment.values():
        if len({root.invocation_id for root in roots}) < 2:
            continue
        ordered = sorted(roots, key=moment)
        if all(end_of(earlier) <= later.start_ns for earlier, later in pairwise(ordered)):
            found.update(root.span_id for root in ordered)
    return frozenset(found)


def is_endless(invocation: Invocation) -> bool:
    """True for a loop without end that says of each piece of its work which event it is of."""
    if invocation.trigger in ENTRY_TRIGGERS:
        return False
    spans = invocation.spans
    lasted = max(map(end_of, spans)) - min(span.start_ns for span in spans)
    if lasted <= _LONGEST_INVOCATION_NS:
        return False
    records: list[SpanFacts | LogFacts] = [*spans, *invocation.logs]
    texts = {
        value.text
        for record in records
        for value in values_of(record)
        if value.family == COMMON_FAMILY
    }
    own = [value for value in values_of(spans[0]) if invocation.head is spans[0]]
    return len(texts) > 1 and not own


def batches_of_logs(logs: Sequence[LogFacts]) -> list[Invocation]:
    """The batches among the invocations of a trace of which there are log records alone."""
    of: dict[tuple[str, str], list[LogFacts]] = {}
    for log in sorted(set(logs), key=repr):
        of.setdefault((log.function or "", log.invocation_id or ""), []).append(log)
    found = []
    for (function, invocation_id), records in sorted(of.items()):
        first = left_over(records)
        if is_batch_of_logs([each for each in records if each is not first]):
            anchor = f"logs/{function}/{invocation_id}"
            found.append(Invocation(anchor, function or None, None, logs=records, batch=True))
    return found


def homes_of_logs(batches: Sequence[Invocation]) -> Mapping[LogFacts, Invocation]:
    """The batch of each of their records."""
    return {log: batch for batch in batches for log in batch.logs}
