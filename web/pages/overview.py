"""Overview: four figures, what needs attention and why, how event traces end, the newest failures.

The first page once anything is stored; before that it leads to Setup.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from collector.alerts.book import read_book
from collector.alerts.rules import Rule
from collector.model.event_filter import EventFilter
from collector.model.event_list import StatusCount
from collector.model.event_trace import STATUSES, EventTraceSummary
from collector.model.failures import Failures
from collector.model.health import FunctionHealth, Overview
from collector.model.redrive import QueueRule
from collector.model.window import Window
from collector.store.queries.event_traces import list_event_traces, survey_event_traces
from collector.store.queries.failures import list_failures
from collector.store.queries.health import read_overview
from collector.store.queries.seen import anything_stored
from web import charts, concerns, health_charts, urls
from web.alert_marks import on_tiles
from web.charts import Figure
from web.concerns import Concern
from web.render import wants_block
from web.site import Site, window_of
from web.tiles import DeadLettered, Tile, tiles
from web.urls import Range

STEPS: Final = 61  # an hour that ends now is a millisecond longer: steps stay whole minutes
_BARS: Final = 60
_LISTED: Final = 8
_FAILED: Final = 8


@dataclass(frozen=True, slots=True)
class Graded:
    """A function of the list with what is worst about it; None: nothing is known to be wrong."""

    health: FunctionHealth
    worst: str | None
    tone: str


@dataclass(frozen=True, slots=True)
class OutcomeStep:
    """A row of the table behind the chart: event traces that began in a step, by outcome."""

    time_ns: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """``concerns`` are at most eight of ``concern_count``; ``counts`` are event traces by outcome.

    ``fitted_ns``: the length of the chart's axis where it shows less than the range.
    ``quiet``: nothing at all is known of the range.
    """

    tiles: Sequence[Tile]
    concerns: Sequence[Concern]
    concern_count: int
    outcomes: Figure
    outcome_steps: Sequence[OutcomeStep]
    step_ns: int
    fitted_ns: int | None
    counts: Mapping[str, int]
    total: int
    functions: Sequence[Graded]
    function_count: int
    failed: Sequence[EventTraceSummary]
    quiet: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store answers for one page."""

    overview: Overview
    ended: list[StatusCount]
    fitted: Window | None
    failed: list[EventTraceSummary]
    failures: dict[str, Failures]
    rules: Sequence[Rule]


def router(site: Site) -> APIRouter:
    """``/``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def overview(request: Request) -> Response:
        window, span = window_of(request), Range.of(request.query_params)
        if not site.ask(anything_stored):
            return RedirectResponse(urls.setup(span), 303)
        rules = site.service.settings.queues
        # A page that refreshes itself does not wait: it asks again in a moment.
        ask = site.ask if wants_block(request) else site.ask_derived
        of_files = site.service.rules.file_rules
        found = ask(lambda cursor: _read(cursor, window, rules, of_files))
        frame = site.frame(request, "Overview", "overview", charts=True)
        page = _page(found, window, span)
        return site.pages.response(request, "overview", page, frame, block="results")

    return routes


def _read(
    cursor: Cursor, window: Window, rules: Sequence[QueueRule], of_files: Sequence[Rule]
) -> _Found:
    overview = read_overview(cursor, window, steps=STEPS, rules=rules)
    ended = _ended(cursor, window)
    bar_ns = -(-window.length_ns // _BARS)
    part = charts.fitted_steps([each.step_ns for each in ended], bar_ns, window)
    failed = [
        event
        for status in ("error", "dead_lettered")
        for event in list_event_traces(
            cursor, window, EventFilter(status=status), limit=_FAILED
        ).event_traces
    ]
    return _Found(
        overview=overview,
        ended=_ended(cursor, part) if part else ended,
        fitted=part,
        failed=sorted(failed, key=lambda event: -event.start_ns)[:_FAILED],
        failures=list_failures(cursor, window),
        rules=list(read_book(cursor, of_files).rules.values()),
    )


def _ended(cursor: Cursor, window: Window) -> list[StatusCount]:
    """Event traces that began in each step of a range, by how they ended."""
    return survey_event_traces(cursor, window, EventFilter(), limit=1, steps=_BARS)[1]


def _page(found: _Found, window: Window, span: Range) -> OverviewPage:
    overview = found.overview
    earlier = {each.name: each for each in overview.functions_before}
    functions = concerns.ordered(overview.functions, earlier)
    worrying = _concerns(found, functions, earlier, window)
    shown = found.fitted or window
    step_ns = max(1, -(-shown.length_ns // _BARS))
    counts: Counter[str] = Counter()
    steps: dict[int, Counter[str]] = {}
    for each in found.ended:
        counts[each.status] += each.count
        steps.setdefault(each.step_ns, Counter())[each.status] += each.count
    return OverviewPage(
        tiles=on_tiles(
            tiles(overview, overview.queues, overview.queues_before, _dead(found), window, span),
            found.rules,
        ),
        concerns=worrying[: concerns.MOST],
        concern_count=len(worrying),
        outcomes=health_charts.outcomes(found.ended, shown, step_ns),
        outcome_steps=[OutcomeStep(time_ns, steps[time_ns]) for time_ns in sorted(steps)],
        step_ns=step_ns,
        fitted_ns=found.fitted.length_ns if found.fitted else None,
        counts={status: counts[status] for status in STATUSES},
        total=counts.total(),
        functions=[_graded(each, earlier.get(each.name)) for each in functions[:_LISTED]],
        function_count=len(functions),
        failed=found.failed,
        quiet=not (functions or found.overview.queues or counts),
    )


def _concerns(
    found: _Found,
    functions: Sequence[FunctionHealth],
    earlier: Mapping[str, FunctionHealth],
    window: Window,
) -> list[Concern]:
    none = Failures(0, 0)
    of_functions = (
        concerns.of_function(
            each,
            earlier.get(each.name),
            found.overview.function_series.get(each.name, ()),
            found.failures.get(each.name, none),
        )
        for each in functions
    )
    dead = concerns.of_queues(found.overview.queues, window.until_ns)
    dead += concerns.of_dead_letters(
        found.overview.dead_letters, found.overview.queues, window.until_ns
    )
    return dead + [each for each in of_functions if each is not None]


def _dead(found: _Found) -> DeadLettered:
    counts = [each for each in found.ended if each.status == "dead_lettered"]
    return DeadLettered(counts, min(found.overview.dead_letters.values(), default=None))


def _graded(health: FunctionHealth, earlier: FunctionHealth | None) -> Graded:
    worst = next(iter(concerns.troubles(health, earlier)), None)
    return Graded(health, worst.text if worst else None, worst.tone if worst else "ok")
