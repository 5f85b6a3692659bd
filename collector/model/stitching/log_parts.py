"""Fragments of log records that name no trace: what functions without tracing tell."""

from collections.abc import Sequence

from collector.model.stitching.facts import Fragment, LogFacts, Occurrence, Part
from collector.model.stitching.fragmented import FragmentedTrace
from collector.model.stitching.gather import occurrences_of, summary_of
from collector.model.stitching.keys import COMMON_FAMILY, Kind
from collector.model.stitching.mentions import SpanReader, Value, values_of
from collector.model.stitching.rules import Queues
from collector.model.stitching.tree import build_tree

_Name = tuple[str, str, str]  # function, invocation id, value; "" for what is not said
_INVOCATION_ONLY = frozenset((Kind.INVOCATION, Kind.TRACE))


def split_logs(logs: Sequence[LogFacts], queues: Queues) -> FragmentedTrace:
    """See :func:`~collector.model.stitching.fragments.log_fragments`."""
    invocations: dict[tuple[str, str], list[LogFacts]] = {}
    for log in sorted(set(logs), key=repr):
        invocations.setdefault((log.function or "", log.invocation_id or ""), []).append(log)
    reader = SpanReader(None, queues)
    fragments: list[Fragment] = []
    occurrences: list[Occurrence] = []
    for (function, invocation_id), records in sorted(invocations.items()):
        batch = _is_batch(records) if invocation_id else True
        for name, part in sorted(_parts(function, invocation_id, records, batch=batch).items()):
            fragment_id = "logs:" + "\n".join(name)
            mentions = [
                mention
                for log in part
                for mention in reader.of_log(log)
                if not batch or mention.kind not in _INVOCATION_ONLY
            ]
            fragments.append(summary_of(fragment_id, None, Part.LOGS, build_tree(()), (), part))
            occurrences += occurrences_of(fragment_id, mentions)
    return FragmentedTrace(tuple(fragments), tuple(occurrences))


def _parts(
    function: str, invocation_id: str, records: Sequence[LogFacts], *, batch: bool
) -> dict[_Name, list[LogFacts]]:
    """Records by value in a batch, else together; those of a batch without a value are nobody's."""
    if not batch:
        return {(function, invocation_id, ""): list(records)}
    parts: dict[_Name, list[LogFacts]] = {}
    for log in records:
        value = _identifying(log)
        if value is not None:
            parts.setdefault((function, invocation_id, value.text), []).append(log)
    return parts


def _identifying(log: LogFacts) -> Value | None:
    return min(
        values_of(log),
        key=lambda each: (each.kind, each.family != COMMON_FAMILY, each.family, each.text),
        default=None,
    )


def _is_batch(records: Sequence[LogFacts]) -> bool:
    families: dict[str, set[str]] = {}
    for log in records:
        for value in values_of(log):
            families.setdefault(value.family, set()).add(value.text)
    if len(families.get(COMMON_FAMILY, ())) == 1:
        return False
    return any(len(values) > 1 for values in families.values())
