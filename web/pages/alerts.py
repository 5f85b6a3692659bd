"""Alerts: what fires, first of all; what may soon; and what did, over time."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor
from fastapi import APIRouter, Request, Response

from collector.alerts.book import Book, read_book
from collector.alerts.standing import Standing, standing_of
from collector.model.alert import FIRING, PENDING, RESOLVED, AlertChange, AlertProgress
from collector.model.delivery import Silence
from collector.model.window import Window
from collector.store.alerts import list_changes, read_progress
from collector.store.delivering import list_silences
from web.alert_lanes import MOST_LANES, Lane, lanes
from web.alert_rows import AlertRow, row_of
from web.site import Site, window_of
from web.urls import Range

MOST_ROWS: Final = 20  # firing and pending together: about 2.7 kB of HTML each
MOST_OVER: Final = 5
MOST_CHANGES: Final = 30
_MOST_STANDING: Final = 500  # in the timeline, which shows the latest of them


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """At most 20 alerts are listed, those that fire first, ``counts`` has all of them by state;
    ``hidden``: of those that fire or are pending, how many are not listed.

    ``lanes``: alerts over the range, which is ``window``. ``changes`` the newest first;
    ``more_changes``: there are others. ``known``: rules that are there still.
    ``evaluated_ns`` None: never; ``trouble``: why rules cannot be evaluated now.
    """

    firing: Sequence[AlertRow]
    pending: Sequence[AlertRow]
    resolved: Sequence[AlertRow]
    counts: Mapping[str, int]
    hidden: int
    window: Window
    lanes: Sequence[Lane]
    changes: Sequence[AlertChange]
    more_changes: bool
    known: Collection[str]
    rule_count: int
    on_count: int
    evaluated_ns: int | None
    trouble: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    book: Book
    standing: list[Standing]
    silences: list[Silence]
    changes: list[AlertChange]
    progress: AlertProgress


def router(site: Site) -> APIRouter:
    """``/alerts``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/alerts")
    def alerts(request: Request) -> Response:
        window, span = window_of(request), Range.of(request.query_params)
        found = site.service.database.read(lambda cursor: _read(site, cursor, window))
        frame = site.frame(request, "Alerts", "alerts")
        page = _page(site, found, window, span)
        return site.pages.response(request, "alerts", page, frame, block="results")

    return routes


def _read(site: Site, cursor: Cursor, window: Window) -> _Found:
    book = read_book(cursor, site.service.rules.file_rules)
    return _Found(
        book=book,
        standing=standing_of(book, cursor),
        silences=list_silences(cursor, time.time_ns()),
        changes=list_changes(cursor, window, limit=1000),
        progress=read_progress(cursor),
    )


def _page(site: Site, found: _Found, window: Window, span: Range) -> AlertsPage:
    now_ns = time.time_ns()
    by_state: dict[str, list[Standing]] = {FIRING: [], PENDING: [], RESOLVED: []}
    for each in found.standing:
        by_state[each.state.state].append(each)

    def rows(state: str, most: int) -> list[AlertRow]:
        shown = by_state[state][:most]
        return [row_of(each, found.silences, span, now_ns) for each in shown]

    firing = rows(FIRING, MOST_ROWS)
    pending = rows(PENDING, MOST_ROWS - len(firing))
    live = len(by_state[FIRING]) + len(by_state[PENDING])
    rules = found.book.watched.values()
    return AlertsPage(
        firing=firing,
        pending=pending,
        resolved=rows(RESOLVED, MOST_OVER),
        counts={state: len(of) for state, of in by_state.items()},
        hidden=live - len(firing) - len(pending),
        window=window,
        lanes=lanes(found.changes, found.standing[:_MOST_STANDING], window)[:MOST_LANES],
        changes=found.changes[:MOST_CHANGES],
        known=found.book.watched.keys(),
        more_changes=len(found.changes) > MOST_CHANGES,
        rule_count=len(rules),
        on_count=sum(each.enabled for each in rules),
        evaluated_ns=found.progress.evaluated_ns or None,
        trouble=site.service.alerts.last_error,
    )
