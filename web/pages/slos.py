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
from collector.alerts.spans import span_text
from collector.errors import LockstitchError
from collector.store.alerts import list_states
from web import alert_urls
from web.fields import Fields
from web.render import wants_block
from web.rule_form import amount, amount_text
from web.site import Site
from web.slo_words import about, promise
from web.urls import Range

FIELDS: Final = (
    "kind", "of", "objective", "period", "latency_ms", "reach", "within", "min_count",
    "name", "owner", "targets", "note",
)  # fmt: skip
_BLOCKS: Final = ("editor", "preview")
_WHOLE: Final = frozenset(FIELDS) - {"targets"}


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
            document = _document(_text(fields, None), _targets(fields, None))
            desk.add(document | {"enabled": _enabled(fields, None)})
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
            document = _document(_text(fields, old), _targets(fields, old))
            desk.replace(slo_id, document | {"enabled": _enabled(fields, old)})
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


def _text(given: ImmutableMultiDict[str, Any], old: Objective | None) -> dict[str, str]:
    """The fields as typed; what is not given is as it was, or as a new one begins."""
    said = {name: str(given[name]) for name in _WHOLE if name in given}
    return (_text_of(old) if old else _FIRST) | said


_FIRST: Final = {
    "kind": "availability", "of": "", "objective": "99", "period": "30d", "latency_ms": "",
    "reach": "", "within": "", "min_count": "10", "name": "", "owner": "", "note": "",
}  # fmt: skip


def _text_of(old: Objective) -> dict[str, str]:
    return {
        "kind": old.kind,
        "of": old.scope.function or old.scope.flow or "",
        "objective": amount_text(old.objective, "ratio"),
        "period": span_text(old.period_ns),
        "latency_ms": "" if old.latency_ms is None else amount_text(old.latency_ms, "ms"),
        "reach": old.reach or "",
        "within": "" if old.within_ns is None else span_text(old.within_ns),
        "min_count": str(old.min_count),
        "name": old.name,
        "owner": old.owner or "",
        "note": old.note or "",
    }


def _targets(given: ImmutableMultiDict[str, Any], old: Objective | None) -> tuple[str, ...]:
    if "drawn" in given:  # a box that is not ticked is not sent
        return tuple(str(each) for each in given.getlist("targets"))
    return old.targets if old else ()


def _enabled(given: ImmutableMultiDict[str, Any], old: Objective | None) -> bool:
    if "drawn" in given:
        return bool(given.get("enabled") == "yes")
    return old.enabled if old else True


def _document(text: Mapping[str, str], targets: Sequence[str]) -> dict[str, Any]:
    """As objectives are stored; what another kind would mean is left out."""
    plain = {name: value.strip() for name, value in text.items()}
    kind, count = plain["kind"], plain["min_count"]
    scope = "flow" if kind == "outcome" else "function"
    document: dict[str, Any] = {
        "name": plain["name"],
        "kind": kind,
        "scope": {scope: plain["of"]} if plain["of"] else {},
        "objective": amount(plain["objective"], "ratio"),
        "period": plain["period"],
        "min_count": int(count) if count.isascii() and count.isdigit() else count or 0,
        "owner": plain["owner"],
        "targets": list(targets),
        "note": plain["note"],
    }
    if kind == "latency":
        document["latency_ms"] = amount(plain["latency_ms"], "ms") if plain["latency_ms"] else None
    if kind == "outcome":
        document |= {"reach": plain["reach"], "within": plain["within"] or None}
    return document | {"name": plain["name"] or _named(document)}


def _named(document: dict[str, Any]) -> str:
    """A name for one that was given none: what it promises."""
    try:
        made = read_objective(document | {"name": "slo"}, "")
    except BadRule:
        return ""
    return f"{about(made)}: {promise(made)}"[:200]


def _faults(error: BadRule, text: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    named = _document(text, ())["name"]
    for line in str(error).splitlines():
        said = line.removeprefix(f"objective {named!r}: ").removeprefix("objective: ")
        word = said.split(" ", 1)[0].split(".")[0]
        field = {"scope": "of", "one": "name"}.get(word, word if word in FIELDS else "")
        if said.startswith("name is missing") and not text["name"].strip():
            continue
        told = said.removeprefix(f"{field} ").removeprefix("is ")
        found.setdefault(field, []).append(told[:1].upper() + told[1:])
    return found


def _asked(site: Site, request: Request, old: Objective | None) -> Response:
    query: ImmutableMultiDict[str, Any] = request.query_params
    text, chosen = _text(query, old), _targets(query, old)
    target = request.headers.get("hx-target", "")
    block = target if target in _BLOCKS and wants_block(request) else None
    live = block == "preview"
    faults: Mapping[str, Sequence[str]] = {}
    rows: Sequence[SloRow] = ()
    trouble = None
    try:
        made = read_objective(_document(text, chosen), old.id if old else "")
        if live or "preview" in query:
            rows, trouble = _rows(site, [made])
    except BadRule as error:
        faults = _faults(error, text) if live or "drawn" in query else {}
    row = rows[0] if rows else None
    enabled = _enabled(query, old)
    page = _page(
        site, old, text, chosen, faults, enabled=enabled, row=row, trouble=trouble, live=live
    )
    return _response(site, request, page, block)


def _refused(
    site: Site,
    request: Request,
    old: Objective | None,
    fields: ImmutableMultiDict[str, Any],
    error: BadRule,
) -> Response:
    text = _text(fields, old)
    chosen, enabled = _targets(fields, old), _enabled(fields, old)
    page = _page(site, old, text, chosen, _faults(error, text), enabled=enabled)
    return _response(site, request, page, None, 400)


def _page(
    site: Site,
    old: Objective | None,
    text: Mapping[str, str],
    chosen: Sequence[str],
    faults: Mapping[str, Sequence[str]],
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
        faults=faults,
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
