"""Cuts one trace into fragments, each of one business event, and lists the keys they hold.

A trace without batches is one fragment. Where an invocation took several messages at once, each
message is a fragment of its own, so that the batch does not glue the events of its messages.
"""

from collections.abc import Iterable, Mapping, Sequence

from collector.model.stitching.batches import Invocation, invocations, is_batch, read_messages
from collector.model.stitching.facts import LogFacts, SpanFacts
from collector.model.stitching.fragmented import FragmentedTrace
from collector.model.stitching.log_parts import split_logs
from collector.model.stitching.mentions import SERVER, SpanReader
from collector.model.stitching.owners import Owners
from collector.model.stitching.reuse import (
    batches_of_logs,
    homes_of_logs,
    is_endless,
    reused_roots,
)
from collector.model.stitching.rules import QUEUES, Queues
from collector.model.stitching.split import split
from collector.model.stitching.tree import Tree, build_tree, distinct
from collector.model.stitching.whole import counts, whole

__all__ = ["FragmentedTrace", "fragment_trace", "log_fragments", "needs_splitting"]


def needs_splitting(
    *, links: int, received: int, batch: int, values: int, consumers: int = 0, roots: int = 0
) -> bool:
    """True when a trace may hold a batch or several handlings of one message.

    ``links``: rows of span links of the trace whose span is no PRODUCER. ``received``: rows of
    spans that are neither PRODUCER nor CLIENT and name a message id (column or letter m), plus rows
    of links that name one and whose span is no PRODUCER. ``batch``: the largest number under letter
    b. ``values``: the largest number of distinct values that one family of CORRELATION or BUSINESS
    ids has on the spans and log records of the trace. ``consumers``: CONSUMER spans. ``roots``:
    SERVER spans with an invocation id and no parent. All counts may be too high. Only
    :func:`fragment_trace` can tell then; where this is False, :func:`whole` says what to expect.
    """
    return max(links, received, batch, values, consumers, roots) > 1


def fragment_trace(
    trace_id: str,
    spans: Sequence[SpanFacts],
    logs: Sequence[LogFacts] = (),
    *,
    queues: Queues = QUEUES,
) -> FragmentedTrace:
    """Fragments of the spans and log records of one trace id (32 hex digits), in any order."""
    tree = build_tree(distinct(spans))
    reader = SpanReader(trace_id, queues)
    if not tree.spans and not logs:
        return FragmentedTrace()
    if not needs_splitting(**counts(tree, logs)):
        return whole(trace_id, tree, logs, reader)
    if not tree.spans:
        return _of_logs(trace_id, tree, logs, reader)
    invocation_of = invocations(tree)
    found = list({id(each): each for each in invocation_of.values()}.values())
    loose = _place_logs(logs, invocation_of, found)
    for invocation in found:
        read_messages(invocation, trace_id, tree, queues)
        invocation.batch = is_batch(invocation) or is_endless(invocation)
    reused = reused_roots(tree)
    if not reused and not any(invocation.batch for invocation in found):
        return whole(trace_id, tree, logs, reader, invocation_of)
    owners = Owners(trace_id, tree, invocation_of, reused)
    for log, home in loose:
        owners.add_log(log, home)
    return split(trace_id, tree, owners, reader)


def _of_logs(
    trace_id: str, tree: Tree, logs: Sequence[LogFacts], reader: SpanReader
) -> FragmentedTrace:
    """The fragments of a trace of which there are log records alone."""
    batches = batches_of_logs(logs)
    if not batches:
        return whole(trace_id, tree, logs, reader)
    homes = homes_of_logs(batches)
    owners = Owners(trace_id, tree, {}, more_batches=batches)
    for log in sorted(logs, key=repr):
        owners.add_log(log, homes.get(log))
    return split(trace_id, tree, owners, reader)


def _place_logs(
    logs: Iterable[LogFacts],
    invocation_of: Mapping[str, Invocation],
    found: Sequence[Invocation],
) -> list[tuple[LogFacts, Invocation | None]]:
    """Gives each record to its invocation: by span, by invocation id, by function."""
    placed = []
    for log in sorted(logs, key=repr):
        invocation = invocation_of.get(log.span_id or "")
        if invocation is None:
            home = [
                each for each in found if log.invocation_id and log.invocation_id in _ids_of(each)
            ] or [each for each in found if log.function and each.function == log.function]
            invocation = home[0] if len(home) == 1 else None
        if invocation is not None:
            invocation.logs.append(log)
        placed.append((log, invocation))
    return placed


def _ids_of(invocation: Invocation) -> set[str | None]:
    return {span.invocation_id for span in invocation.spans if span.kind == SERVER}


def log_fragments(logs: Sequence[LogFacts], *, queues: Queues = QUEUES) -> FragmentedTrace:
    """LOGS fragments of records that name no trace, all records of one invocation id at once.

    One fragment for each function, invocation id and correlation value. Records that name neither
    an invocation nor a value are left out. Where one invocation id shows several values of a
    family it was a batch, and the invocation id ties nothing.
    """
    return split_logs(logs, queues)
