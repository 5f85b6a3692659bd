"""Every link in the product: a page's state as a query string, and back.

The pages are ``/`` (Overview), ``/events`` with ``/events/shapes`` and ``/events/correlation``,
``/events/{event_trace_id}``, ``/functions``, ``/functions/{name}``, ``/queues``,
``/queues/{name}``, ``/traces``, ``/traces/{trace_id}``, ``/logs``, ``/series`` (the metrics
received; ``/metrics`` is the Prometheus endpoint), ``/setup``, ``/status``, and those of costs and
alerts, whose links are in ``cost_urls.py`` and ``alert_urls.py``. Each takes
``since`` and ``until`` as given by the reader (``-1h`` stays ``-1h``), so a copied link means the
same thing later.
Parameters that hold their default are left out: a link is as short as what it says.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Final, Self, TypeAlias
from urllib.parse import quote, quote_plus

from starlette.datastructures import QueryParams

from collector.model.log import LogRecord
from collector.model.window import NS_PER_S, format_time

SINCE: Final = "-1h"
UNTIL: Final = "now"
_AROUND_NS: Final = 30 * NS_PER_S

# What the time range picker offers: how far back, and what it is called.
PRESETS: Final = (
    ("-15m", "15 min"),
    ("-1h", "1 h"),
    ("-6h", "6 h"),
    ("-24h", "24 h"),
    ("-7d", "7 days"),
    ("-14d", "14 days"),
)

_AGO: Final = re.compile(r"-(\d{1,9})([smhdw])", re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_UNITS: Final = {"s": "s", "m": "min", "h": "h", "d": "days", "w": "weeks"}
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)[.\d]*Z", re.ASCII)

Param: TypeAlias = str | int | float | None


@dataclass(frozen=True, slots=True)
class Range:
    """The time range of a page as the reader gave it; ``live`` refreshes while it ends now."""

    since: str = SINCE
    until: str = UNTIL
    live: bool = False

    @classmethod
    def of(cls, query: QueryParams) -> Self:
        """The range a query string asks for; what it leaves out is the last hour."""
        return cls(
            since=query.get("since") or SINCE,
            until=query.get("until") or UNTIL,
            live=query.get("live") == "1" and (query.get("until") or UNTIL) == UNTIL,
        )

    @property
    def ends_now(self) -> bool:
        return self.until == UNTIL

    @property
    def label(self) -> str:
        """``last 1 h``, or the time between the two ends."""
        ago = _AGO.fullmatch(self.since)
        if self.ends_now and ago:
            return f"last {dict(PRESETS).get(self.since) or f'{int(ago[1])} {_UNITS[ago[2]]}'}"
        return f"time from {_spoken(self.since)} to {_spoken(self.until)}"

    def params(self) -> dict[str, Param]:
        """The query parameters that say this range; defaults are left out."""
        return {
            "since": self.since if self.since != SINCE else None,
            "until": self.until if self.until != UNTIL else None,
            "live": 1 if self.live else None,
        }


@dataclass(frozen=True, slots=True)
class TraceFilter:
    """What the trace search asks for; ``q`` is an id, ``key=value`` or text."""

    q: str = ""
    function: str = ""
    status: str = ""
    min_duration_ms: str = ""

    def but(self, **changes: str) -> Self:
        """The same filter with something changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Query:
    """What a query string asks for: a field for each parameter, empty where it says nothing."""

    @classmethod
    def of(cls, query: QueryParams) -> Self:
        """What a query string asks for."""
        names = [each.name for each in fields(cls)]
        return cls(**{name: query.get(name, "").strip() for name in names})


@dataclass(frozen=True, slots=True)
class Paged(Query):
    """One whose answer comes in pages, with a field ``page``."""

    def but(self, **changes: str) -> Self:
        """The same question with something changed; the first page, unless that is."""
        return replace(self, **({"page": ""} | changes))


@dataclass(frozen=True, slots=True)
class EventQuery(Query):
    """What the list of event traces asks for, as its form has it; ``yes`` or nothing for flags.

    ``q`` holds words (``status:error``), ids, ``key=value`` or text; ``shape`` is the id of a path.
    """

    q: str = ""
    function: str = ""
    status: str = ""
    cold: str = ""
    retried: str = ""
    duplicate: str = ""
    min_duration_ms: str = ""
    max_duration_ms: str = ""
    min_wait_ms: str = ""
    correlation_id: str = ""
    shape: str = ""
    sort: str = ""

    def but(self, **changes: str) -> Self:
        """The same filter with something changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class FunctionQuery(Paged):
    """What the list of functions asks for. ``only``: those with errors, throttles...; ``sort``
    begins with a minus for the least first; ``page`` counts from 2, nothing is the first.
    """

    q: str = ""
    only: str = ""
    sort: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What the log search asks for; ``severity`` is the least one shown."""

    q: str = ""
    function: str = ""
    severity: str = ""
    trace_id: str = ""

    def but(self, **changes: str) -> Self:
        """The same filter with something changed."""
        return replace(self, **changes)


def ago_s(bound: str) -> int:
    """How many seconds ago a bound such as ``-1h`` is; 0 for a moment."""
    ago = _AGO.fullmatch(bound)
    return int(ago[1]) * _SECONDS[ago[2]] if ago else 0


def _spoken(moment: str) -> str:
    """A bound of a range to be read: a second is fine enough for a sentence."""
    found = _MOMENT.fullmatch(moment)
    return f"{found[1]} {found[2]} UTC" if found else moment


_name: Final = lru_cache(maxsize=256)(quote_plus)  # a page has hundreds of links with the same few


def address(path: str, *groups: Mapping[str, Param]) -> str:
    """A path with the parameters that say something."""
    pairs = [
        f"{_name(name)}={quote_plus(str(value))}"
        for group in groups
        for name, value in group.items()
        if value is not None and value != ""
    ]
    return f"{path}?{'&'.join(pairs)}" if pairs else path


def fields_of(filters: Any) -> dict[str, Param]:
    """What a dataclass of filters asks for, as parameters."""
    return {each.name: getattr(filters, each.name) for each in fields(filters)}


def home(span: Range | None = None) -> str:
    """The first page: Overview, or Setup while nothing is stored."""
    return address("/", span.params() if span else {})


def setup(span: Range, guide: str | None = None) -> str:
    """Where to point functions, and the sample data."""
    return address("/setup", {"for": guide}, span.params())


def setup_received() -> str:
    """The *last telemetry received* indicator alone."""
    return "/setup/received"


def setup_file(name: str) -> str:
    """A template to deploy."""
    return f"/setup/files/{quote(name)}"


def setup_sample() -> str:
    """Where the *load sample data* form posts."""
    return "/setup/sample"


def find(q: str = "") -> str:
    """Where the search box goes: an id to its event trace, anything else to the list of them."""
    return address("/find", {"q": q})


def suggest_terms() -> str:
    """What a search box suggests for its text so far."""
    return "/suggest/terms"


def suggest_words() -> str:
    """What the search of event traces suggests: its own words too."""
    return "/suggest/words"


def suggest_functions() -> str:
    """What a function filter suggests."""
    return "/suggest/functions"


def theme() -> str:
    """Where the light and dark switch posts when there is no JavaScript."""
    return "/theme"


def logout() -> str:
    """Where the sign-out form posts."""
    return "/logout"


def events(span: Range, filters: EventQuery | None = None, cursor: str | None = None) -> str:
    """The list of event traces."""
    return address("/events", fields_of(filters or EventQuery()), span.params(), {"cursor": cursor})


def events_chart(span: Range, filters: EventQuery) -> str:
    """The scatter above the list of event traces."""
    return address("/events/chart", fields_of(filters), span.params())


def shapes(span: Range, filters: EventQuery | None = None) -> str:
    """The paths that event traces took; of the filters the function and the text are heeded."""
    asked = filters or EventQuery()
    return address("/events/shapes", {"q": asked.q, "function": asked.function}, span.params())


def correlation(span: Range) -> str:
    """How traces were joined, and where they could not be."""
    return address("/events/correlation", span.params())


def event(
    event_trace_id: str, span: Range | None = None, state: Mapping[str, Param] | None = None
) -> str:
    """One event trace; ``state`` is what of it is selected, unfolded and hidden."""
    return address(f"/events/{quote(event_trace_id)}", state or {}, span.params() if span else {})


def event_part(event_trace_id: str, part: str, start: int, state: Mapping[str, Param]) -> str:
    """A run of its ``rows``, ``logs`` or ``joints``, for what of a long one comes into view."""
    return address(f"/events/{quote(event_trace_id)}/{part}", {"start": start, **state})


def event_cost(event_trace_id: str, span: Range | None = None) -> str:
    """What an event trace cost, by function and queue."""
    return address(f"/events/{quote(event_trace_id)}/cost", span.params() if span else {})


def event_file(event_trace_id: str) -> str:
    """The whole page as one HTML file."""
    return f"/events/{quote(event_trace_id)}/export.html"


def event_json(event_trace_id: str, *, otlp: bool = False) -> str:
    """The event trace as the JSON API gives it, or as OTLP to be imported again."""
    return f"/api/v1/event-traces/{quote(event_trace_id)}{'/export' if otlp else ''}"


def functions(span: Range, filters: FunctionQuery | None = None) -> str:
    """All functions, and how they are."""
    return address("/functions", fields_of(filters or FunctionQuery()), span.params())


def function(name: str, span: Range) -> str:
    """One function."""
    return address(f"/functions/{quote(name, safe='')}", span.params())


def queues(span: Range) -> str:
    """All queues, each beside its dead-letter queue."""
    return address("/queues", span.params())


def queue(name: str, span: Range) -> str:
    """One queue; of a dead-letter queue, what ended there."""
    return address(f"/queues/{quote(name, safe='')}", span.params())


def traces(span: Range, filters: TraceFilter | None = None, cursor: str | None = None) -> str:
    """The trace search."""
    return address(
        "/traces", fields_of(filters or TraceFilter()), span.params(), {"cursor": cursor}
    )


def traces_chart(span: Range, filters: TraceFilter) -> str:
    """The scatter above the trace search."""
    return address("/traces/chart", fields_of(filters), span.params())


def trace(
    trace_id: str,
    span: Range | None = None,
    *,
    selected: str | None = None,
    folded: Iterable[str] = (),
    zoom: str | None = None,
) -> str:
    """One trace; ``selected`` opens a span, ``folded`` spans hide what is below them."""
    state: dict[str, Param] = {
        "span": selected,
        "fold": ".".join(sorted(folded)),
        "zoom": zoom,
    }
    return address(f"/traces/{quote(trace_id)}", state, span.params() if span else {})


def trace_rows(trace_id: str, start: int, folded: Iterable[str], zoom: str | None) -> str:
    """A run of waterfall rows, for the part of a long trace that comes into view."""
    state: dict[str, Param] = {"start": start, "fold": ".".join(sorted(folded)), "zoom": zoom}
    return address(f"/traces/{quote(trace_id)}/rows", state)


def logs(span: Range, filters: LogFilter | None = None, cursor: str | None = None) -> str:
    """The log search."""
    return address("/logs", fields_of(filters or LogFilter()), span.params(), {"cursor": cursor})


def log(key: str, span: Range) -> str:
    """One log record."""
    return address(f"/logs/record/{quote(key)}", span.params())


def logs_around(record: LogRecord) -> str:
    """What the record's function logged within half a minute before and after it."""
    span = Range(
        since=format_time(record.time_ns - _AROUND_NS),
        until=format_time(record.time_ns + _AROUND_NS),
    )
    return logs(span, LogFilter(function=record.function or ""))


def series_list(span: Range, q: str = "") -> str:
    """The metrics received."""
    return address("/series", {"q": q}, span.params())


def series(name: str, span: Range, by: str | None = None) -> str:
    """One metric over time, a line for each value of the attribute ``by``."""
    return address(f"/series/{quote(name, safe='')}", {"by": by}, span.params())


def status(span: Range) -> str:
    """The product's own health."""
    return address("/status", span.params())
