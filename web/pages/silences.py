"""Silences: what is kept quiet, by whom, why and until when."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import escape
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from collector.errors import BadTarget
from collector.model.delivery import Silence
from web import addresses, alert_urls
from web.api.problems import Problem
from web.fields import Fields
from web.site import Site

FIELDS: Final = ("rule", "group", "severity", "for", "starts_at", "ends_at", "reason", "author")
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class SilencesPage:
    """``silences``: those that go on or are to come; with ``ended`` also the others.

    ``names``: of rules, by id. ``text`` is what was typed; ``fault`` what is wrong with
    ``fault_field``, which is "" for all of it.
    """

    silences: Sequence[Silence]
    ended: bool
    now_ns: int
    names: Mapping[str, str]
    text: Mapping[str, str]
    fault: str | None
    fault_field: str


def router(site: Site) -> APIRouter:
    """``/alerts/silences``."""
    routes = APIRouter(include_in_schema=False)
    silences = site.service.delivery.silences

    @routes.get("/alerts/silences")
    def show(request: Request) -> Response:
        return _response(site, request)

    @routes.post("/alerts/silences")
    def add(request: Request, fields: Fields) -> Response:
        text = _text(fields)
        try:
            silences.add(text)
        except BadTarget as error:
            return _response(site, request, text=text, error=error)
        back = addresses.local_path(str(fields.get("back") or alert_urls.silences()))
        return RedirectResponse(back, 303)

    @routes.post("/alerts/silences/{silence_id}/end")
    def end(silence_id: str) -> Response:
        if not silences.end(silence_id):
            raise Problem(404, "there is no silence of this id that has not ended")
        return RedirectResponse(alert_urls.silences(), 303)

    return routes


def _text(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields as typed; a silence of one alert names its group and no other's."""
    text = {name: str(fields.get(name, "")) for name in FIELDS}
    if exact := str(fields.get("exact_group", "")):
        text["group"] = escape(exact)
    return text


def _response(
    site: Site,
    request: Request,
    *,
    text: Mapping[str, str] | None = None,
    error: BadTarget | None = None,
) -> Response:
    ended = request.query_params.get("all") == "1"
    said = str(error) if error else ""
    field, colon, rest = said.partition(": ")
    known = bool(colon) and field in FIELDS
    asked = {name: request.query_params.get(name, "") for name in FIELDS}
    page = SilencesPage(
        silences=site.service.delivery.silences.all(ended=ended)[:_MOST],
        ended=ended,
        now_ns=time.time_ns(),
        names={each.id: each.name for each in site.service.rules.book().watched.values()},
        text=dict(text) if text else asked | {"for": asked["for"] or "2h"},
        fault=(rest if known else said) or None,
        fault_field=field if known else "",
    )
    here = alert_urls.silences() if request.method == "POST" else None
    frame = site.frame(request, "Silences", "alerts", here=here)
    status = 400 if error else 200
    return site.pages.response(request, "silences", page, frame, block="results", status=status)
