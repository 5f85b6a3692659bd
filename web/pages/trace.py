"""One trace: its waterfall, the selected span, and its logs in order of time.

The page, a selected span, folded spans and the zoom are all in the URL; htmx fetches the same URL
and is given the part it names as its target. Rows beyond the first come as they are scrolled to.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from collector.errors import BadQuestion
from collector.model.log import LogRecord
from collector.model.search import trace_uuid
from collector.model.span import Span, Trace
from collector.store.queries.trace import read_trace
from web import urls
from web.api.problems import Problem
from web.recent import Recent
from web.render import wants_block
from web.site import Site
from web.urls import Range
from web.waterfall import Chunk, Waterfall, lay_out, minimap

MOST_LOGS: Final = 200
_BLOCKS: Final = ("detail", "waterfall")
_NO_ROWS: Final = Waterfall((), 0, 0, ())


@dataclass(frozen=True, slots=True)
class State:
    """What of the trace is shown; its methods are the links to every other state.

    ``sets`` is the parameter that says which span is selected.
    """

    trace_id: str
    range: Range
    selected: str | None
    folded: frozenset[str]
    zoom: str | None

    sets: ClassVar[str] = "span"

    def select(self, span_id: str | None) -> str:
        """Opens the details of a span; None closes them."""
        return self._url(replace(self, selected=span_id))

    def fold(self, span_id: str) -> str:
        """Hides what is below a span, or shows it again."""
        return self._url(replace(self, folded=self.folded ^ {span_id}))

    def zoom_to(self, span_id: str) -> str:
        """Lets one span fill the time axis."""
        return self._url(replace(self, zoom=span_id))

    def unzoom(self) -> str:
        """The time axis of the whole trace."""
        return self._url(replace(self, zoom=None))

    def rows(self, start: int) -> str:
        """A run of rows."""
        return urls.trace_rows(self.trace_id, start, self.folded, self.zoom)

    @staticmethod
    def _url(state: "State") -> str:
        return urls.trace(
            state.trace_id,
            state.range,
            selected=state.selected,
            folded=state.folded,
            zoom=state.zoom,
        )


@dataclass(frozen=True, slots=True)
class TracePage:
    """``functions`` come with the most spans first; ``strokes`` are the minimap's."""

    trace: Trace
    root_name: str
    error_count: int
    functions: Sequence[str]
    state: State
    waterfall: Waterfall
    chunks: Sequence[Chunk]
    strokes: Sequence[tuple[str | None, bool, str]]
    selected: Span | None
    span_logs: Sequence[LogRecord]
    logs: Sequence[LogRecord]


@dataclass(frozen=True, slots=True)
class RowsPage:
    """One run of rows."""

    chunk: Chunk
    state: State
    named: bool


def router(site: Site) -> APIRouter:
    """``/traces/{trace_id}`` and its rows."""
    routes = APIRouter(include_in_schema=False)

    recent: Recent[UUID, Trace] = Recent(
        lambda trace_id: site.ask(lambda cursor: read_trace(cursor, trace_id)),
        lambda: site.service.writer.applied_seq,
    )

    @routes.get("/traces/{trace_id}")
    def trace(request: Request, trace_id: str) -> Response:
        target = request.headers.get("hx-target", "")
        block = target if target in _BLOCKS and wants_block(request) else None
        if block is None and wants_block(request):
            raise BadQuestion("a part of this page was asked for that it does not have: reload it")
        found = _found(recent.again if block else recent.read, trace_id)
        page = _page(found, _state(request, found.trace_id), block)
        frame = site.frame(request, page.root_name or "Trace", "traces")
        return site.pages.response(request, "trace", page, frame, block=block)

    @routes.get("/traces/{trace_id}/rows")
    def rows(request: Request, trace_id: str, start: int = 0) -> Response:
        found = _found(recent.again, trace_id)
        state = _state(request, found.trace_id)
        chunk = lay_out(found, folded=state.folded, zoom=state.zoom).chunk(max(0, start))
        page = RowsPage(chunk, state, len(_functions(found)) > 1)
        frame = site.frame(request, "Rows of a trace", "traces")
        return site.pages.response(request, "trace_rows", page, frame, block="rows")

    return routes


def _found(read: Callable[[UUID], Trace | None], text: str) -> Trace:
    trace_id = trace_uuid(text)
    found = read(trace_id) if trace_id else None
    if found is None:
        raise Problem(
            404,
            f"nothing of trace {text[:64]} is stored: it may still be on its way, be older than "
            "the retention, or have been sampled out by its sender",
        )
    return found


def _state(request: Request, trace_id: str) -> State:
    query = request.query_params
    return State(
        trace_id=trace_id,
        range=Range.of(query),
        selected=query.get("span") or None,
        folded=frozenset(filter(None, query.get("fold", "").split("."))),
        zoom=query.get("zoom") or None,
    )


def _page(trace: Trace, state: State, block: str | None) -> TracePage:
    """The details alone need no waterfall: laying out 2,000 spans takes 16 ms."""
    waterfall = (
        _NO_ROWS if block == "detail" else lay_out(trace, folded=state.folded, zoom=state.zoom)
    )
    selected = next((span for span in trace.spans if span.span_id == state.selected), None)
    return TracePage(
        trace=trace,
        root_name=next((row.span.name for row in waterfall.rows if row.span), ""),
        error_count=sum(span.status == "error" for span in trace.spans),
        functions=_functions(trace),
        state=state,
        waterfall=waterfall,
        chunks=waterfall.chunks(state.selected),
        strokes=minimap(waterfall),
        selected=selected,
        span_logs=[log for log in trace.logs if selected and log.span_id == selected.span_id],
        logs=trace.logs[:MOST_LOGS],
    )


def _functions(trace: Trace) -> list[str]:
    counts = Counter(span.function for span in trace.spans if span.function)
    return [name for name, _ in counts.most_common()]
