"""One queue over time; of a dead-letter queue also what ended there, and how to put it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor
from fastapi import APIRouter, Request, Response

from collector.alerts.standing import Standing
from collector.model.health import DeadLetterGroup, QueueDetail, QueueHealth, QueuePoint
from collector.model.redrive import QueueRule
from collector.model.window import Window
from collector.store.queries.queues import dead_letter_groups, read_queue
from web import charts, health_charts
from web.alert_marks import Marks, mark, read_marks
from web.charts import Figure
from web.concerns import holds_dead_letters
from web.render import wants_block
from web.site import Site, window_of

STEPS: Final = 61
_MOST_GROUPS: Final = 50


@dataclass(frozen=True, slots=True)
class QueuePage:
    """``detail`` None: nothing tells of the queue in this range; figures None: nothing to draw.

    ``dead_letters`` are what ended here, or, of a queue whose dead-letter queue is not known, what
    was given up from it; ``ended_count`` event traces in all.
    ``alerts``: those of it that fire or are pending.
    """

    name: str
    detail: QueueDetail | None
    health: QueueHealth | None
    holds: bool
    ended_count: int
    dead_letters: Sequence[DeadLetterGroup]
    fitted_ns: int | None
    depth: Figure | None
    ages: Figure | None
    traffic: Figure | None
    alerts: Sequence[Standing]


def router(site: Site) -> APIRouter:
    """``/queues/{name}``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/queues/{name:named}")
    def queue(request: Request, name: str) -> Response:
        window = window_of(request)
        ask = site.ask if wants_block(request) else site.ask_derived
        rules = site.service.settings.queues
        of_files = site.service.rules.file_rules
        (found, ended), marks = ask(
            lambda cursor: (
                _read(cursor, name, window, rules),
                read_marks(cursor, of_files, "queue", name, window),
            )
        )
        frame = site.frame(request, name, "queues", charts=True)
        page = _page(name, found, ended, window, marks)
        return site.pages.response(request, "queue", page, frame, block="results")

    return routes


def _read(
    cursor: Cursor, name: str, window: Window, rules: Sequence[QueueRule]
) -> tuple[QueueDetail | None, Sequence[DeadLetterGroup]]:
    """The queue, and event traces that ended in it; of a source whose dead-letter queue told
    nothing of itself, those given up on their way from it."""
    detail = read_queue(cursor, name, window, rules=rules, steps=STEPS)
    if detail is None or detail.health.is_dlq or detail.partner:
        return detail, detail.dead_letters if detail else ()
    since_ns, until_ns = window.since_ns, window.until_ns
    return detail, dead_letter_groups(
        cursor, queues=[name], since_ns=since_ns, until_ns=until_ns, limit=_MOST_GROUPS
    )


def _page(
    name: str,
    detail: QueueDetail | None,
    ended: Sequence[DeadLetterGroup],
    window: Window,
    marks: Marks,
) -> QueuePage:
    series = detail.series if detail else ()
    step_ns = detail.step_ns if detail else 1
    told = [point.time_ns for point in series] + marks.times_within(window)
    part = charts.fitted_steps(told, step_ns, window)
    span = health_charts.Span(part or window, step_ns)
    return QueuePage(
        name=name,
        detail=detail,
        health=detail.health if detail else None,
        holds=holds_dead_letters(detail.health) if detail else False,
        ended_count=sum(group.event_count for group in ended),
        dead_letters=ended,
        fitted_ns=part.length_ns if part else None,
        depth=mark(health_charts.depth(series, span), "depth", marks)
        if any(point.depth is not None for point in series)
        else None,
        ages=_ages(series, span, marks)
        if any(point.oldest_age_s is not None for point in series)
        else None,
        traffic=health_charts.traffic(series, span)
        if any(point.in_count or point.out_count for point in series)
        else None,
        alerts=marks.standing,
    )


_UNITS_S: Final = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


def _ages(series: Sequence[QueuePoint], span: health_charts.Span, marks: Marks) -> Figure:
    """Its axis has the unit that suits the oldest; thresholds are in seconds."""
    figure = health_charts.ages(series, span)
    unit = str(figure["layout"]["yaxis"]["ticksuffix"]).strip()
    return mark(figure, "ages", marks, _UNITS_S[unit])
