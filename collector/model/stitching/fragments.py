"""Cuts one trace into fragments, each of one business event, and lists the keys they hold.

A trace without batches is one fragment. Where an invocation took several messages at once, each
message is a fragment of its own, so that the batch does not glue the events of its messages.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from collector.model.stitching.facts import Fragment, LogFacts, Occurrence, SpanFacts
from collector.model.stitching.rules import QUEUES, Queues


@dataclass(frozen=True, slots=True)
class FragmentedTrace:
    """The fragments of one trace, ordered by id.

    ``of_span`` names the fragment of every span, also of shared ones; ``shared`` are the span ids
    that lie in SHARED fragments. Ids are texts: the trace id for the WHOLE part, else
    "<trace id>:<anchor>"; keys are texts. One occurrence of a fragment, key, kind and role, except
    for IN of messages and invocations: one for each handling.
    """

    fragments: tuple[Fragment, ...]
    occurrences: tuple[Occurrence, ...]
    of_span: Mapping[str, Hashable]
    shared: frozenset[str] = frozenset()


def needs_splitting(*, links: int, received: int, batch: int, values: int) -> bool:
    """True when a trace may hold a batch, so that only :func:`fragment_trace` can tell.

    ``links``: rows of span links of the trace whose span is no PRODUCER. ``received``: distinct
    message ids on spans that are neither PRODUCER nor CLIENT. ``batch``: the largest number under
    letter b. ``values``: the largest number of distinct values that one family of CORRELATION or
    BUSINESS ids has on the spans and log records of the trace. All counts may be too high.
    """
    return links > 1 or received > 1 or batch > 1 or values > 1


def fragment_trace(
    trace_id: str,
    spans: Sequence[SpanFacts],
    logs: Sequence[LogFacts] = (),
    *,
    queues: Queues = QUEUES,
) -> FragmentedTrace:
    """Fragments of the spans and log records of one trace id (32 hex digits), in any order."""
    raise NotImplementedError


def log_fragments(logs: Sequence[LogFacts], *, queues: Queues = QUEUES) -> FragmentedTrace:
    """LOGS fragments of records that name no trace, all records of one invocation id at once.

    One fragment for each function, invocation id and correlation value. Records that name neither
    an invocation nor a value are left out. Where one invocation id shows several values of a
    family it was a batch, and the invocation id ties nothing.
    """
    raise NotImplementedError
