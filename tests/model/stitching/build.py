"""A small vocabulary for telling what happened: traces of spans, queue hops, batches, log lines."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from collector.model.stitching.facts import (
    Fragment,
    LinkFacts,
    LogFacts,
    Occurrence,
    Part,
    SpanFacts,
)
from collector.model.stitching.fragments import FragmentedTrace, fragment_trace, log_fragments
from collector.model.stitching.joints import Stitched, stitch

S = 1_000_000_000
SERVER, CLIENT, PRODUCER, CONSUMER, INTERNAL = 2, 3, 4, 5, 1


def uuid(name: str) -> str:
    """A UUID that is always the same for a name."""
    return str(uuid5(NAMESPACE_OID, name))


def tid(name: str) -> str:
    """A trace id for a name."""
    return uuid5(NAMESPACE_OID, name).hex[:31] + "f"


def sid(name: str) -> str:
    """A span id for a name."""
    return uuid5(NAMESPACE_OID, "span " + name).hex[:16]


def key(value: str) -> str:
    """An id under a usual correlation name."""
    return f"kcc{value}"


def order(value: str) -> str:
    """An id under a name such as order_id."""
    return f"wor{value}"


def link(trace: str, span: str, message: str | None = None) -> LinkFacts:
    """A link to a named span of a named trace."""
    return LinkFacts(tid(trace), sid(span), message and uuid(message))


def span(
    name: str, parent: str | None = None, kind: int = SERVER, at: float = 0, **told: Any
) -> SpanFacts:
    """A span that lasts a second (``lasts``); ``message`` names a message id."""
    lasts = told.pop("lasts", 1)
    message = told.pop("message", None)
    keys = told.pop("keys", ())
    return SpanFacts(
        span_id=sid(name),
        parent_id=None if parent is None else sid(parent),
        name=told.pop("called", name),
        kind=kind,
        start_ns=int(at * S),
        end_ns=None if lasts is None else int((at + lasts) * S),
        failed=told.pop("failed", False),
        function=told.pop("function", name.split("/")[0]),
        message_id=message and (uuid(message) if told.pop("unique", True) else message),
        keys=(keys,) if isinstance(keys, str) else tuple(keys),
        links=tuple(told.pop("links", ())),
        **told,
    )


def log(at: float, function: str, span_name: str | None = None, **told: Any) -> LogFacts:
    """A log record."""
    keys = told.pop("keys", ())
    return LogFacts(
        int(at * S),
        span_name and sid(span_name),
        function,
        keys=(keys,) if isinstance(keys, str) else tuple(keys),
        **told,
    )


@dataclass
class Story:
    """Everything that arrived; ``names`` finds fragments by what a test calls them."""

    cuts: dict[str, FragmentedTrace] = field(default_factory=dict)

    def trace(self, name: str, *records: SpanFacts | LogFacts) -> "Story":
        """Adds a trace."""
        spans = [each for each in records if isinstance(each, SpanFacts)]
        logs = [each for each in records if isinstance(each, LogFacts)]
        self.cuts[name] = fragment_trace(tid(name), spans, logs)
        return self

    def loose(self, name: str, *logs: LogFacts) -> "Story":
        """Adds log records that name no trace."""
        self.cuts[name] = log_fragments(logs)
        return self

    @property
    def fragments(self) -> list[Fragment]:
        return [each for cut in self.cuts.values() for each in cut.fragments]

    @property
    def occurrences(self) -> list[Occurrence]:
        return [each for cut in self.cuts.values() for each in cut.occurrences]

    def stitched(self, **more: Any) -> Stitched:
        return stitch(self.fragments, self.occurrences, **more)

    def where(self, trace: str, span_name: str | None = None) -> Hashable:
        """The fragment of a span; without one, the only fragment of a trace."""
        cut = self.cuts[trace]
        if span_name is not None:
            return cut.of_span[sid(span_name)]
        (only,) = [each for each in cut.fragments if each.part is not Part.SHARED]
        return only.fragment_id

    def one_event(self, *places: str | tuple[str, str]) -> bool:
        """True when all these are of one event trace."""
        return len(self.events(*places)) == 1

    def events(self, *places: str | tuple[str, str]) -> set[Hashable]:
        """The event traces of traces, or of (trace, span)."""
        event_of = self.stitched().event_of
        return {
            event_of[self.where(*((each,) if isinstance(each, str) else each))] for each in places
        }

    def reasons(self) -> dict[Hashable, str]:
        """Why keys join nothing."""
        return {each.key: each.reason for each in self.stitched().ignored}


def request(story: Story, name: str, at: float = 0, *, function: str = "api", **told: Any) -> Story:
    """A trace of one HTTP request."""
    more: Sequence[SpanFacts] = told.pop("more", ())
    return story.trace(
        name, span(f"{function}/{name}", at=at, function=function, trigger="http", **told), *more
    )


def worker(
    story: Story, name: str, at: float = 1, *, function: str = "worker", **told: Any
) -> Story:
    """A trace of one function that a queue started."""
    more: Sequence[SpanFacts] = told.pop("more", ())
    return story.trace(
        name, span(f"{function}/{name}", at=at, function=function, trigger="pubsub", **told), *more
    )


def batch(
    story: Story,
    name: str,
    messages: Sequence[str],
    *,
    at: float = 10,
    links: Iterable[LinkFacts] = (),
    more: Sequence[SpanFacts | LogFacts] = (),
    function: str = "worker",
) -> Story:
    """An invocation that took these messages by one process span."""
    found = tuple(links) or tuple(replace(link(each, f"{each}/send", each)) for each in messages)
    return story.trace(
        name,
        span(name, at=at, lasts=60, function=function, trigger="pubsub"),
        span(f"{name}/process", name, CONSUMER, at, lasts=60, function=function, called="process q",
             destination="q", keys=f"b{len(messages)}", links=found),
        *more,
    )  # fmt: skip
