"""Rules: all there are, switched on and off; the starter set; import and export as TOML."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from collector.alerts.book import Book
from collector.alerts.documents import BadRule
from collector.alerts.metrics import metric_of
from collector.alerts.rules import FILE, Rule
from collector.alerts.starter import DEFAULT_OWNER, starter_set
from collector.alerts.toml import write_rules
from collector.model.alert import FIRING, PENDING
from collector.store.alerts import list_states
from web import alert_urls
from web.fields import Fields
from web.rule_words import about, condition
from web.site import Site
from web.urls import Range

PAGE: Final = 60


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule of the list; ``firing`` and ``pending`` count its alerts, ``error``: why it cannot be
    evaluated.
    """

    rule: Rule
    read_only: bool
    title: str
    about: str
    condition: str
    firing: int
    pending: int
    error: str | None


@dataclass(frozen=True, slots=True)
class RulesPage:
    """``rows`` are those of ``page``; ``unread``: stored ones that this build cannot read.

    ``starting``: how many rules of the starter set are not there yet. ``text`` and ``faults`` are
    of an import that was refused; ``made``: how many rules an action made, None: there was none.
    """

    rows: Sequence[RuleRow]
    count: int
    on_count: int
    page: int
    next_page: int | None
    unread: Mapping[str, str]
    starting: int
    owner: str
    targets: Sequence[str]
    text: str
    faults: Sequence[str]
    made: int | None


def router(site: Site) -> APIRouter:
    """``/alerts/rules``, and what is done with many rules."""
    routes = APIRouter(include_in_schema=False)
    desk = site.service.rules

    @routes.get("/alerts/rules")
    def rules(request: Request, page: int = 1, made: int | None = None) -> Response:
        return _response(site, request, page=page, made=made)

    @routes.get("/alerts/rules/export")
    def export() -> Response:
        text = write_rules(desk.book().rules.values())
        disposition = {"Content-Disposition": 'attachment; filename="lockstitch-rules.toml"'}
        return Response(text, media_type="application/toml; charset=utf-8", headers=disposition)

    @routes.post("/alerts/rules/starter")
    def starter(fields: Fields) -> Response:
        owner = str(fields.get("owner", "")).strip() or DEFAULT_OWNER
        targets = [str(each) for each in fields.getlist("targets")]
        return _made(len(desk.add_all(starter_set(owner, targets), skip_known=True)))

    @routes.post("/alerts/rules/import")
    def take(request: Request, fields: Fields) -> Response:
        text = str(fields.get("file") or fields.get("toml") or "")
        try:
            return _made(len(desk.import_toml(text)))
        except BadRule as error:
            return _response(site, request, text=text, faults=str(error).splitlines())

    @routes.post("/alerts/rules/{rule_id}/switch")
    def switch(rule_id: str, fields: Fields) -> Response:
        document = desk.rule(rule_id).document() | {"enabled": fields.get("to") == "on"}
        desk.replace(rule_id, document)
        return RedirectResponse(_back(fields), 303)

    @routes.post("/alerts/rules/{rule_id}/delete")
    def delete(rule_id: str) -> Response:
        desk.remove(rule_id)
        return RedirectResponse(alert_urls.rules(Range()), 303)

    return routes


def _made(count: int) -> Response:
    return RedirectResponse(f"{alert_urls.rules(Range())}?made={count}", 303)


def _back(fields: Mapping[str, Any]) -> str:
    page = str(fields.get("page", "1"))
    return alert_urls.rules(Range(), int(page) if page.isdigit() else 1)


def _response(
    site: Site,
    request: Request,
    *,
    page: int = 1,
    made: int | None = None,
    text: str = "",
    faults: Sequence[str] = (),
) -> Response:
    service = site.service
    book = service.rules.book()
    rules = list(book.rules.values())
    last = max(1, -(-len(rules) // PAGE))
    here = min(max(1, page), last)
    shown = RulesPage(
        rows=_rows(site, rules[(here - 1) * PAGE : here * PAGE]),
        count=len(rules),
        on_count=sum(each.enabled for each in rules),
        page=here,
        next_page=here + 1 if here < last else None,
        unread=book.unread,
        starting=_starting(book),
        owner=DEFAULT_OWNER,
        targets=[each.name for each in service.delivery.targets.all()],
        text=text,
        faults=faults,
        made=made,
    )
    frame = site.frame(request, "Rules", "alerts")
    return site.pages.response(
        request, "rules", shown, frame, block="results", status=400 if faults else 200
    )


def _rows(site: Site, rules: Sequence[Rule]) -> list[RuleRow]:
    states = site.service.database.read(list_states)
    counts = Counter((each.rule_id, each.state) for each in states)
    errors = site.service.alerts.rule_errors
    return [
        RuleRow(
            rule=each,
            read_only=each.source == FILE,
            title=metric_of(each.metric).title,
            about=about(each),
            condition=condition(each),
            firing=counts[each.id, FIRING],
            pending=counts[each.id, PENDING],
            error=errors.get(each.id),
        )
        for each in rules
    ]


def _starting(book: Book) -> int:
    known = {each.name for each in book.rules.values()}
    return sum(each["name"] not in known for each in starter_set())
