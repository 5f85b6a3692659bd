"""One function: durations, starts, throttles, memory, errors and versions over one time axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor
from fastapi import APIRouter, Request, Response

from collector.alerts.standing import Standing
from collector.model.failures import Failures
from collector.model.health import FunctionDetail, FunctionHealth, FunctionInvocations
from collector.model.window import Window
from collector.store.queries.failures import list_failures
from collector.store.queries.health import read_function
from collector.store.queries.invocations import read_function_invocations
from web import charts, concerns, health_charts, spread
from web.alert_marks import Marks, mark, read_marks
from web.charts import Figure
from web.concerns import Concern
from web.render import wants_block
from web.site import Site, window_of
from web.sizing import Hint, size_of
from web.spread import Part

STEPS: Final = 61


@dataclass(frozen=True, slots=True)
class Charts:
    """Each None where nothing would be drawn; all but ``spread`` share the time axis.

    ``fitted_ns`` is the length of that axis where it shows less than the range asked for.
    """

    activity: Figure
    durations: Figure | None
    starts: Figure | None
    memory: Figure | None
    spread: Figure | None
    fitted_ns: int | None


@dataclass(frozen=True, slots=True)
class FunctionPage:
    """``detail`` None: nothing tells of the function in this range; then the rest is None too.

    ``alerts``: those of it that fire or are pending. ``concern`` is what is wrong with it;
    ``parts`` are cold starts, other invocations, and inits.
    """

    name: str
    detail: FunctionDetail | None
    health: FunctionHealth | None
    concern: Concern | None
    failures: Failures
    charts: Charts | None
    parts: Sequence[Part]
    hint: Hint | None
    invocations: FunctionInvocations
    alerts: Sequence[Standing]


def router(site: Site) -> APIRouter:
    """``/functions/{name}``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/functions/{name:named}")
    def function(request: Request, name: str) -> Response:
        window = window_of(request)
        ask = site.ask if wants_block(request) else site.ask_derived
        of_files = site.service.rules.file_rules
        detail, invocations, failures, marks = ask(
            lambda cursor: (
                *_read(cursor, name, window),
                read_marks(cursor, of_files, "function", name, window),
            )
        )
        page = FunctionPage(
            name=name,
            detail=detail,
            health=detail.health if detail else None,
            concern=_concern(detail, failures),
            failures=failures,
            charts=_charts(detail, window, marks) if detail else None,
            parts=spread.parts(detail) if detail else (),
            hint=size_of(detail.health) if detail else None,
            invocations=invocations,
            alerts=marks.standing,
        )
        frame = site.frame(request, name, "functions", charts=True)
        return site.pages.response(request, "function", page, frame, block="results")

    return routes


def _read(
    cursor: Cursor, name: str, window: Window
) -> tuple[FunctionDetail | None, FunctionInvocations, Failures]:
    return (
        read_function(cursor, name, window, steps=STEPS),
        read_function_invocations(cursor, name, window, limit=8),
        list_failures(cursor, window).get(name, Failures(0, 0)),
    )


def _concern(detail: FunctionDetail | None, failures: Failures) -> Concern | None:
    if detail is None:
        return None
    return concerns.of_function(detail.health, detail.before, detail.series, failures)


def _charts(detail: FunctionDetail, window: Window, marks: Marks) -> Charts:
    told = [p.time_ns for p in detail.series] + marks.times_within(window)
    part = charts.fitted_steps(told, detail.step_ns, window)
    span = health_charts.Span(
        part or window, detail.step_ns, health_charts.markers(detail.versions, window)
    )
    bars = spread.bars(detail)
    return Charts(
        activity=mark(health_charts.activity(detail.series, span), "activity", marks),
        durations=_marked(health_charts.durations(detail.series, span), "durations", marks),
        starts=_marked(health_charts.starts(detail.series, span), "starts", marks),
        memory=_marked(health_charts.memory(detail.series, span), "memory", marks),
        spread=health_charts.spread(bars) if bars else None,
        fitted_ns=part.length_ns if part else None,
    )


def _marked(figure: Figure, chart: str, marks: Marks) -> Figure | None:
    """With its alerts; None instead of an empty picture."""
    return mark(figure, chart, marks) if figure["data"] else None
