"""Service level objectives: how each is met, what is left of its error budget, and its editor."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import ImmutableMultiDict

from collector.alerts.documents import BadRule
from collector.alerts.objective_desk import ObjectiveStatus, status
from collector.alerts.objectives import BURN_WINDOWS, KINDS, Objective, read_objective
from collector.alerts.sources import Answers
from collector.errors import LockstitchError
from collector.store.alerts import list_states
from web import alert_urls
from web.fields import Fields
from web.render import wants_block
from web.site import Site
from web.slo_form import FIELDS, document_of, enabled_in, faults, targets_in, text_in
from web.slo_words import about, promise
from web.urls import Range

_BLOCKS: Final = ("editor", "preview")


@dataclass(frozen=True, slots=True)
class SloRow:
    """An objective, how it is met, and what it promises in words."""

    status: ObjectiveStatus
    about: str
    promise: str


@dataclass(frozen=True, slots=True)
class SlosPage:
    """``burns``: the windows and rates at which its rules fire; ``trouble``: why figures are
    missing.
    """

    rows: Sequence[SloRow]
    burns: Sequence[tuple[str, float]]
    trouble: str | None


@dataclass(frozen=True, slots=True)
class SloPage:
    """The editor; ``slo_id`` None: not saved yet. ``faults`` by field, "" for all of it.

    ``row`` None: it is no objective yet, or its figures come by a question of their own.
    """

    slo_id: str | None
    text: Mapping[str, str]
    chosen: Sequence[str]
    enabled: bool
    targets: Sequence[str]
    fields: Sequence[str]
    faults: Mapping[str, Sequence[str]]
    row: SloRow | None
    trouble: str | None
    live: bool
    action: str


def router(site: Site) -> APIRouter:
    """``/alerts/slos``, ``/alerts/slos/new`` and ``/alerts/slos/{id}``."""
    routes = APIRouter(include_in_schema=False)
    desk = site.service.objectives

    @routes.get("/alerts/slos")
    def slos(request: Request) -> Response:
        rows, trouble = _rows(site, desk.objectives())
        page = SlosPage(rows, [(each.suffix, each.rate) for each in BURN_WINDOWS], trouble)
        frame = site.frame(request, "SLOs", "alerts")
        return site.pages.response(request, "slos", page, frame, block="results")

    @routes.get("/alerts/slos/new")
    def new(request: Request) -> Response:
        return _asked(site, request, None)

    @routes.post("/alerts/slos/new")
    def add(request: Request, fields: Fields) -> Response:
        try:
            document = document_of(text_in(fields, None), targets_in(fields, None))
            desk.add(document | {"enabled": enabled_in(fields, None)})
        except BadRule as error:
            return _refused(site, request, None, fields, error)
        return RedirectResponse(alert_urls.slos(Range()), 303)

    @routes.get("/alerts/slos/{slo_id}")
    def one(request: Request, slo_id: str) -> Response:
        return _asked(site, request, desk.objective(slo_id))

    @routes.post("/alerts/slos/{slo_id}")
    def save(request: Request, slo_id: str, fields: Fields) -> Response:
        old = desk.objective(slo_id)
        try:
            document = document_of(text_in(fields, old), targets_in(fields, old))
            desk.replace(slo_id, document | {"enabled": enabled_in(fields, old)})
        except BadRule as error:
            return _refused(site, request, old, fields, error)
        return RedirectResponse(alert_urls.slos(Range()), 303)

    @routes.post("/alerts/slos/{slo_id}/delete")
    def delete(slo_id: str) -> Response:
        desk.remove(slo_id)
        return RedirectResponse(alert_urls.slos(Range()), 303)

    return routes


def _rows(site: Site, objectives: Sequence[Objective]) -> tuple[list[SloRow], str | None]:
    """How each is met; those whose question fails are left out, with the reason."""
    service = site.service
    states = service.database.read(list_states)
    answers, now_ns = Answers(service.database.read, service.alerts.facts), time.time_ns()
    try:
        return [
            SloRow(status(answers, each, states, now_ns), about(each), promise(each))
            for each in objectives
        ], None
    except (LockstitchError, duckdb.Error) as error:
        return [], str(error).partition("\n")[0]


def _asked(site: Site, request: Request, old: Objective | None) -> Response:
    query: ImmutableMultiDict[str, Any] = request.query_params
    text, chosen = text_in(query, old), targets_in(query, old)
    target = request.headers.get("hx-target", "")
    block = target if target in _BLOCKS and wants_block(request) else None
    live = block == "preview"
    wrong: Mapping[str, Sequence[str]] = {}
    rows: Sequence[SloRow] = ()
    trouble = None
    try:
        made = read_objective(document_of(text, chosen), old.id if old else "")
        if live or "preview" in query:
            rows, trouble = _rows(site, [made])
    except BadRule as error:
        wrong = faults(error, text) if live or "drawn" in query else {}
    row = rows[0] if rows else None
    enabled = enabled_in(query, old)
    page = _page(
        site, old, text, chosen, wrong, enabled=enabled, row=row, trouble=trouble, live=live
    )
    return _response(site, request, page, block)


def _refused(
    site: Site,
    request: Request,
    old: Objective | None,
    fields: ImmutableMultiDict[str, Any],
    error: BadRule,
) -> Response:
    text = text_in(fields, old)
    chosen, enabled = targets_in(fields, old), enabled_in(fields, old)
    page = _page(site, old, text, chosen, faults(error, text), enabled=enabled)
    return _response(site, request, page, None, 400)


def _page(
    site: Site,
    old: Objective | None,
    text: Mapping[str, str],
    chosen: Sequence[str],
    wrong: Mapping[str, Sequence[str]],
    *,
    enabled: bool,
    row: SloRow | None = None,
    trouble: str | None = None,
    live: bool = False,
) -> SloPage:
    known = [each.name for each in site.service.delivery.targets.all()]
    return SloPage(
        slo_id=old.id if old else None,
        text=text if text["kind"] in KINDS else {**text, "kind": KINDS[0]},
        chosen=chosen,
        enabled=enabled,
        targets=known + [each for each in chosen if each not in known],
        fields=FIELDS,
        faults=wrong,
        row=row,
        trouble=trouble,
        live=live,
        action=alert_urls.slo(old.id) if old else alert_urls.new_slo(Range()),
    )


def _response(
    site: Site, request: Request, page: SloPage, block: str | None, status_code: int = 200
) -> Response:
    frame = site.frame(request, page.text["name"] or "New objective", "alerts")
    answer = site.pages.response(request, "slo", page, frame, block=block, status=status_code)
    if block:
        answer.headers["HX-Replace-Url"] = f"{request.url.path}?{request.url.query}"
    return answer
