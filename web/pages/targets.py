"""Targets: where alerts go, whether a message gets there, and what became of those sent.

What opens a target (its URL, secret and headers) is taken and never shown again.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from collector.alerts.targets import Target
from collector.errors import BadTarget, TargetTaken
from collector.model.delivery import Attempt, Delivery
from collector.store.delivering import list_deliveries
from web import alert_urls
from web.api.problems import Problem
from web.fields import Fields
from web.site import Site, window_of

MOST_DELIVERIES: Final = 100
_FIELDS: Final = ("name", "kind", "url", "secret", "headers", "repeat_hours", "send_resolved")
_PARTS: Final = re.compile(rf"; (?=(?:{'|'.join(_FIELDS)}): )")
_HEADER: Final = re.compile(r"([^:\s]+):\s*(.*)")


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test message met."""

    name: str
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class TargetsPage:
    """``editing``: the saved target that the form changes, None: it adds one.

    ``text`` is what was typed and refused, without secrets; ``faults`` by field, "" for all of it.
    ``rules`` by target: how many rules send there. ``tested``: a test just made.
    """

    targets: Sequence[Target]
    rules: Mapping[str, int]
    editing: Target | None
    text: Mapping[str, str]
    faults: Mapping[str, Sequence[str]]
    tested: Tested | None
    deliveries: Sequence[Delivery]
    saved: str | None
    warning: str | None
    action: str


def router(site: Site) -> APIRouter:
    """``/alerts/targets`` and ``/alerts/targets/{name}``."""
    routes = APIRouter(include_in_schema=False)
    delivery = site.service.delivery

    @routes.get("/alerts/targets")
    def targets(request: Request, saved: str | None = None) -> Response:
        return _response(site, request, saved=saved)

    @routes.post("/alerts/targets")
    def add(request: Request, fields: Fields) -> Response:
        try:
            made, warning = delivery.targets.add(_given(fields))
        except BadTarget as error:
            return _response(site, request, text=_shown(fields), error=error)
        if warning:
            return _response(site, request, saved=made.name, warning=warning)
        return RedirectResponse(alert_urls.saved_target(made.name), 303)

    @routes.get("/alerts/targets/{name}")
    def one(request: Request, name: str) -> Response:
        return _response(site, request, editing=_target(site, name))

    @routes.post("/alerts/targets/{name}")
    def replace(request: Request, name: str, fields: Fields) -> Response:
        old = _target(site, name)
        try:
            changed = delivery.targets.replace(name, _given(fields))
        except BadTarget as error:
            return _response(site, request, editing=old, text=_shown(fields), error=error)
        if changed and changed[1]:
            return _response(site, request, saved=name, warning=changed[1])
        return RedirectResponse(alert_urls.saved_target(name), 303)

    @routes.post("/alerts/targets/{name}/delete")
    def delete(request: Request, name: str) -> Response:
        using = _using(site).get(name, 0)
        if using:
            error = TargetTaken(f"name: {using} rules send to it: take it out of them first")
            return _response(site, request, editing=_target(site, name), error=error)
        delivery.targets.remove(name)
        return RedirectResponse(alert_urls.targets(), 303)

    @routes.post("/alerts/targets/{name}/test")
    def test(request: Request, name: str) -> Response:
        found = _target(site, name)
        _, attempt = delivery.deliverer.test(found.settings)
        return _response(site, request, tested=Tested(name, attempt))

    return routes


def _target(site: Site, name: str) -> Target:
    found = site.service.delivery.targets.get(name)
    if found is None:
        raise Problem(404, f"there is no target {name[:100]!r}: the Targets page lists them")
    return found


def _using(site: Site) -> dict[str, int]:
    """How many rules send to each target."""
    counts: dict[str, int] = {}
    for rule in site.service.rules.book().watched.values():
        for name in rule.targets:
            counts[name] = counts.get(name, 0) + 1
    return counts


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in; an empty secret, URL or header field leaves what is saved as it is.

    Raises:
        BadTarget: a header is no name and value.
    """
    given: dict[str, Any] = {
        name: str(fields[name]).strip()
        for name in ("name", "kind", "url", "secret", "repeat_hours")
        if str(fields.get(name, "")).strip()
    }
    given["send_resolved"] = fields.get("send_resolved") == "yes"
    if lines := [line for line in str(fields.get("headers", "")).splitlines() if line.strip()]:
        pairs = [_HEADER.fullmatch(line.strip()) for line in lines]
        if None in pairs:
            raise BadTarget("headers: write one a line, as Name: value")
        given["headers"] = {pair[1]: pair[2] for pair in pairs if pair}
    if fields.get("no_headers") == "yes":
        given["headers"] = {}
    if fields.get("no_secret") == "yes":
        given["secret"] = ""
    return given


def _shown(fields: Mapping[str, Any]) -> dict[str, str]:
    """What a refused form shows again: nothing that is secret."""
    shown = ("name", "kind", "repeat_hours")
    text = {name: str(fields.get(name, "")) for name in shown}
    return text | {"send_resolved": str(fields.get("send_resolved", ""))}


def _text_of(target: Target | None) -> dict[str, str]:
    if target is None:
        return {"name": "", "kind": "", "repeat_hours": "", "send_resolved": "yes"}
    settings = target.settings
    return {
        "name": settings.name,
        "kind": settings.kind,
        "repeat_hours": "" if settings.repeat_hours is None else f"{settings.repeat_hours:g}",
        "send_resolved": "yes" if settings.send_resolved else "",
    }


def _faults(error: BadTarget) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in _PARTS.split(str(error)):
        name, colon, said = part.partition(": ")
        known = colon and name in _FIELDS
        text = said if known else part
        found.setdefault(name if known else "", []).append(text[:1].upper() + text[1:])
    return found


def _response(
    site: Site,
    request: Request,
    *,
    editing: Target | None = None,
    text: Mapping[str, str] | None = None,
    error: BadTarget | None = None,
    tested: Tested | None = None,
    saved: str | None = None,
    warning: str | None = None,
) -> Response:
    window, service = window_of(request), site.service
    page = TargetsPage(
        targets=service.delivery.targets.all(),
        rules=_using(site),
        editing=editing,
        text=_text_of(editing) | dict(text or {}),
        faults=_faults(error) if error else {},
        tested=tested,
        deliveries=service.database.read(
            lambda store: list_deliveries(
                store, window.since_ns, window.until_ns, MOST_DELIVERIES,
                target=editing.name if editing else None,
            )
        ),
        saved=saved,
        warning=warning,
        action=alert_urls.target(editing.name) if editing else alert_urls.targets(),
    )  # fmt: skip
    # Addresses that only take posts are not asked for again, by a change of colours or of range.
    here = page.action if request.method == "POST" else None
    title = editing.name if editing else "Targets"
    frame = site.frame(request, title, "alerts", here=here)
    status = 400 if error else 200
    return site.pages.response(request, "targets", page, frame, block="tested", status=status)
