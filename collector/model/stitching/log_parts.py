"""Fragments of log records that name no trace: what functions without tracing tell."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

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
        stale = left_over(records)
        whole = bool(invocation_id) and not is_batch_of_logs([e for e in records if e is not stale])
        failed = bool(invocation_id) and ended_badly(records)
        for name, part in _parts(function, invocation_id, records, stale, whole=whole).items():
            fragment_id = "logs:" + "\n".join(name)
            own = whole and name[2] == ""
            # The ids of two messages look the same: then only the request id can show it.
            but = () if own and stale is None else (Kind.TRACE,) if own else _INVOCATION_ONLY
            mentions = [
                mention for log in part for mention in reader.of_log(log) if mention.kind not in but
            ]
            made = summary_of(fragment_id, None, Part.LOGS, build_tree(()), (), part)
            fragments.append(replace(made, failed=failed))
            occurrences += occurrences_of(fragment_id, mentions)
    return FragmentedTrace(tuple(fragments), tuple(occurrences))


def left_over(records: Sequence[LogFacts]) -> LogFacts | None:
    """The first record to name an id, where all others name another one.

    A logger that keeps the id of the invocation before until it is told the new one.
    """
    named = sorted(
        ((log.time_ns, value.text, repr(log), log) for log in records
         if (value := _identifying(log)) is not None),
        key=lambda each: each[:3],
    )  # fmt: skip
    if len(named) < 2 or named[0][1] == named[1][1] or named[0][0] == named[1][0]:
        return None
    return named[0][3] if len({text for _, text, _, _ in named[1:]}) == 1 else None


def ended_badly(records: Iterable[LogFacts]) -> bool:
    """True where the platform says of the last attempt under one invocation id that it failed.

    Attempts of an asynchronous invocation have the same id.
    """
    told = [(log.time_ns, log.failing) for log in records if log.failing is not None]
    return max(told, default=(0, False))[1]


def _parts(
    function: str,
    invocation_id: str,
    records: Sequence[LogFacts],
    left_over: LogFacts | None,
    *,
    whole: bool,
) -> dict[_Name, list[LogFacts]]:
    """Records of one invocation together; of a batch by value, or of nobody."""
    parts: dict[_Name, list[LogFacts]] = {}
    for log in records:
        value = _identifying(log)
        if whole and log is not left_over:
            parts.setdefault((function, invocation_id, ""), []).append(log)
        elif value is not None:
            parts.setdefault((function, invocation_id, value.text), []).append(log)
    return dict(sorted(parts.items()))


def _identifying(log: LogFacts) -> Value | None:
    return min(
        values_of(log),
        key=lambda each: (each.kind, each.family != COMMON_FAMILY, each.family, each.text),
        default=None,
    )


def is_batch_of_logs(records: Sequence[LogFacts]) -> bool:
    """True when the records of one invocation name several values of one family."""
    families: dict[str, set[str]] = {}
    for log in records:
        for value in values_of(log):
            families.setdefault(value.family, set()).add(value.text)
    if len(families.get(COMMON_FAMILY, ())) == 1:
        return False
    return any(len(values) > 1 for values in families.values())
