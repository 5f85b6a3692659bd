"""One event trace: its timeline, the selected part of it, its hops, joints and logs.

What is selected, unfolded and hidden is in the URL; htmx fetches the same URL and is given the part
it names as its target. What does not fit a page of 150 kB comes as it is scrolled to.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from collector.errors import BadQuestion
from collector.model.cost import Cost, EventCost
from collector.model.event_trace import EventJoint, EventTrace
from collector.model.log import LogRecord
from collector.store.queries.event_costs import read_event_cost
from collector.store.queries.event_trace import read_event_trace
from web import shares, spending, urls
from web.api.problems import Problem
from web.blocks import Block, blocks, log_parts
from web.hops import Graph, graph
from web.recent import Recent
from web.render import Frame, wants_block
from web.selection import Selected, select
from web.shares import Share, Stretch
from web.site import Site
from web.spending import EventPart
from web.timeline import Chunk, Timeline, View, lay_out, minimap
from web.urls import Param, Range

MOST_LOGS: Final = 40
MOST_JOINTS: Final = 20
_BLOCKS: Final = ("detail", "timeline")
_NONE: Final = "none"
_T = TypeVar("_T")
_FILE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class State:
    """What of the event is shown; its methods are the links to every other state.

    ``opened``: the unfolded blocks, None as suits the size. ``sets`` is the parameter that says
    what is selected.
    """

    event_trace_id: str
    range: Range
    selected: str | None = None
    opened: frozenset[str] | None = None
    path_only: bool = False
    min_confidence: float = 0.0
    zoom: str | None = None
    short: bool = False

    sets: ClassVar[str] = "sel"

    @classmethod
    def of(cls, query: Mapping[str, str], event_trace_id: str, span: Range) -> "State":
        """The state that a query string asks for; what it leaves out is as it first is."""
        unfolded = query.get("open")
        return cls(
            event_trace_id,
            span,
            selected=query.get("sel") or None,
            opened=None
            if unfolded is None
            else frozenset(filter(None, unfolded.split(",")))
            if unfolded != _NONE
            else frozenset(),
            path_only=query.get("path") == "1",
            min_confidence=_share(query.get("min_confidence")),
            zoom=query.get("zoom") or None,
            short=query.get("short") == "1",
        )

    def select(self, selection: str | None) -> str:
        """Opens the details of something; None closes them. A bare span id selects the span."""
        named = f"s.{selection}" if selection and "." not in selection else selection
        return self._url(replace(self, selected=named))

    def unfold(self, opened: Collection[str]) -> str:
        """Just these blocks unfolded."""
        return self._url(replace(self, opened=frozenset(opened)))

    def but(self, **changes: object) -> str:
        """The same with something changed."""
        return self._url(replace(self, **changes))  # type: ignore[arg-type]

    def part(self, name: str, start: int) -> str:
        """A run of rows, logs or joints."""
        return urls.event_part(self.event_trace_id, name, start, self.params())

    def params(self) -> dict[str, Param]:
        """The query parameters that say this state; defaults are left out."""
        return {
            "sel": self.selected,
            "open": None if self.opened is None else ",".join(sorted(self.opened)) or _NONE,
            "path": 1 if self.path_only else None,
            "min_confidence": f"{self.min_confidence:g}" if self.min_confidence else None,
            "zoom": self.zoom,
            "short": 1 if self.short else None,
        }

    @property
    def view(self) -> View:
        """What the timeline needs to know of it."""
        return View(self.opened, self.path_only, self.min_confidence, self.zoom, self.short)

    @staticmethod
    def _url(state: "State") -> str:
        return urls.event(state.event_trace_id, state.range, state.params())


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of the event is called after; ``logs``: it holds only log records of that."""

    block: Block
    logs: bool = False


@dataclass(frozen=True, slots=True)
class EventPage:
    """``parts``: what they are called after, by fragment id. ``window``: from where to where the
    zoomed part reaches on the minimap, in per cent.
    """

    event: EventTrace
    title: str
    state: State
    timeline: Timeline
    chunks: Sequence[Chunk]
    strokes: Sequence[tuple[str, str]]
    window: tuple[float, float] | None
    band: Sequence[Stretch]
    by_class: Sequence[Share]
    by_place: Sequence[Share]
    hops: Graph
    selected: Selected | None
    parts: Mapping[str, Part]
    joints: Sequence[EventJoint]
    logs: Sequence[LogRecord]


@dataclass(frozen=True, slots=True)
class CostPage:
    """What the event cost, and each function and queue of it; it comes after the page."""

    event: EventTrace
    cost: Cost
    costs: Sequence[EventPart]


@dataclass(frozen=True, slots=True)
class RowsPage:
    """One run of rows of the timeline."""

    chunk: Chunk
    state: State
    opened: frozenset[str]


@dataclass(frozen=True, slots=True)
class JointsPage:
    """One run of the table of joints, and where the next one starts."""

    joints: Sequence[EventJoint]
    parts: Mapping[str, Part]
    state: State
    next_start: int | None


@dataclass(frozen=True, slots=True)
class LogsPage:
    """One run of the log records, and where the next one starts."""

    event: EventTrace
    logs: Sequence[LogRecord]
    state: State
    next_start: int | None


@dataclass(frozen=True, slots=True)
class FilePage:
    """Everything of the event for a file that is read without this server."""

    event: EventTrace
    title: str
    timeline: Timeline
    chunk: Chunk
    band: Sequence[Stretch]
    by_class: Sequence[Share]
    by_place: Sequence[Share]
    hops: Graph
    blocks: Sequence[Block]
    parts: Mapping[str, Part]
    stylesheets: Sequence[str]


def router(site: Site) -> APIRouter:
    """``/events/{event_trace_id}``, its parts and its file."""
    routes = APIRouter(include_in_schema=False)
    recent: Recent[str, EventTrace] = Recent(
        lambda event_trace_id: site.ask(lambda cursor: read_event_trace(cursor, event_trace_id)),
        lambda: site.service.writer.applied_seq,
    )

    def found(event_trace_id: str, *, again: bool) -> EventTrace:
        wanted = event_trace_id.strip().lower()
        event = (recent.again if again else recent.read)(wanted) if _is_id(wanted) else None
        if event is None:
            raise Problem(
                404,
                f"there is no event trace {event_trace_id[:64]}: it may be older than the "
                "retention, or its telemetry is still being stitched; search for an id of yours",
            )
        return event

    def asked(request: Request, event: EventTrace) -> State:
        query = request.query_params
        return State.of(query, event.summary.event_trace_id, Range.of(query))

    @routes.get("/events/{event_trace_id}")
    def event_page(request: Request, event_trace_id: str) -> Response:
        target = request.headers.get("hx-target", "")
        block = target if target in _BLOCKS and wants_block(request) else None
        if block is None and wants_block(request):
            raise BadQuestion("a part of this page was asked for that it does not have: reload it")
        event = found(event_trace_id, again=block is not None)
        own_id = event.summary.event_trace_id
        if own_id != event_trace_id and block is None:
            return RedirectResponse(urls.event(own_id, None, dict(request.query_params)), 303)
        page = page_of(event, asked(request, event))
        frame = site.frame(request, page.title, "events")
        return site.pages.response(request, "event", page, frame, block=block)

    @routes.get("/events/{event_trace_id}/rows")
    def rows(request: Request, event_trace_id: str, start: int = 0) -> Response:
        event = found(event_trace_id, again=True)
        state = asked(request, event)
        timeline = lay_out(event, state.view)
        page = RowsPage(timeline.chunk(max(0, start)), state, timeline.opened)
        return part(request, "event_rows", page)

    @routes.get("/events/{event_trace_id}/joints")
    def joints(request: Request, event_trace_id: str, start: int = 0) -> Response:
        event = found(event_trace_id, again=True)
        run, after = _run(joints_of(event), max(0, start), MOST_JOINTS * 4)
        page = JointsPage(run, parts(event, blocks(event)), asked(request, event), after)
        return part(request, "event_joints", page)

    @routes.get("/events/{event_trace_id}/logs")
    def logs(request: Request, event_trace_id: str, start: int = 0) -> Response:
        event = found(event_trace_id, again=True)
        run, after = _run(event.logs, max(0, start), MOST_LOGS * 4)
        return part(request, "event_logs", LogsPage(event, run, asked(request, event), after))

    def cost_of(event: EventTrace) -> EventCost:
        pricing = site.service.pricing
        return site.ask(lambda cursor: read_event_cost(cursor, event.summary, pricing))

    @routes.get("/events/{event_trace_id}/cost")
    def cost(request: Request, event_trace_id: str) -> Response:
        event = found(event_trace_id, again=True)
        told = cost_of(event)
        page = CostPage(event, told.cost, spending.of_event(told))
        return part(request, "event_cost", page)

    @routes.get("/events/{event_trace_id}/export.html")
    def file(request: Request, event_trace_id: str) -> Response:
        event = found(event_trace_id, again=False)
        sheets = [site.pages.stylesheet(name) for name in ("app.css", "event.css")]
        frame = site.frame(request, title_of(event), "events")
        page = file_of(replace(event, cost=cost_of(event)), sheets)
        text = site.pages.html("event_file", page, frame)
        name = f"event-{event.summary.event_trace_id}.html"
        return HTMLResponse(
            text,
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Content-Security-Policy": _FILE_POLICY,
            },
        )

    def part(request: Request, name: str, page: object) -> Response:
        frame: Frame = site.frame(request, "Part of an event trace", "events")
        return site.pages.response(request, name, page, frame, block="part")

    return routes


def page_of(event: EventTrace, state: State) -> EventPage:
    """Everything the page shows of an event in a state."""
    found = blocks(event)
    timeline = lay_out(event, state.view)
    whole = lay_out(event, replace(state.view, zoom=None)) if state.zoom else timeline
    zoomed = (whole.scale.at(timeline.scale.start_ns), whole.scale.at(timeline.scale.end_ns))
    return EventPage(
        event=event,
        title=title_of(event),
        state=state,
        timeline=timeline,
        chunks=timeline.chunks(state.selected),
        strokes=minimap(whole),
        window=zoomed if state.zoom else None,
        band=shares.band(event, timeline.scale),
        by_class=shares.by_class(event),
        by_place=shares.by_place(event)[: shares.MOST],
        hops=graph(event),
        selected=select(event, found, state.selected),
        parts=parts(event, found),
        joints=joints_of(event)[:MOST_JOINTS],
        logs=event.logs[:MOST_LOGS],
    )


def file_of(event: EventTrace, stylesheets: Sequence[str]) -> FilePage:
    """Everything of an event, all of it unfolded."""
    found = blocks(event)
    timeline = lay_out(event, View(frozenset(block.id for block in found)))
    return FilePage(
        event=event,
        title=title_of(event),
        timeline=timeline,
        chunk=timeline.whole(),
        band=shares.band(event, timeline.scale),
        by_class=shares.by_class(event),
        by_place=shares.by_place(event),
        hops=graph(event),
        blocks=found,
        parts=parts(event, found),
        stylesheets=stylesheets,
    )


def title_of(event: EventTrace) -> str:
    """What began it: the name of its first span, else its first function."""
    root = event.summary.root_function
    spans = [each.span for each in event.spans if each.span.function == root] or [
        each.span for each in event.spans
    ]
    return (spans[0].name if spans else "") or root or "Event trace"


def parts(event: EventTrace, found: Sequence[Block]) -> dict[str, Part]:
    """What each part is called after, by fragment id: its first block, or that whose logs it is."""
    first: dict[str, Part] = {}
    for block in found:
        first.setdefault(block.fragment_id, Part(block))
    for own, other in log_parts(event, found).items():
        first[own] = Part(first[other].block, logs=True)
    return first


def joints_of(event: EventTrace) -> list[EventJoint]:
    """Those between works first, then those that only tie log records to their invocation."""
    return sorted(event.joints, key=lambda joint: joint.evidence == "invocation id")


def _run(items: Sequence[_T], start: int, size: int) -> tuple[Sequence[_T], int | None]:
    """A run of items, and where the next one starts."""
    after = start + size
    return items[start:after], after if after < len(items) else None


def _is_id(text: str) -> bool:
    return len(text) == 16 and all(letter in "0123456789abcdef" for letter in text)


def _share(text: str | None) -> float:
    try:
        return min(1.0, max(0.0, float(text or 0)))
    except ValueError:
        return 0.0
