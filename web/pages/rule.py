"""The rule editor: a form whose picture of the past follows what is typed.

Everything typed is in the address, so it can be gone back to and sent. Without JavaScript the
Preview button asks for the same address; the picture is then part of the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import duckdb
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import ImmutableMultiDict

from collector.alerts.documents import BadRule
from collector.alerts.metric import Metric
from collector.alerts.metrics import METRICS
from collector.alerts.preview import Preview, preview
from collector.alerts.reading import SCOPE_OF
from collector.alerts.rules import FILE, Rule
from collector.alerts.sources import Answers
from collector.errors import LockstitchError
from collector.model.window import Window
from web import alert_urls
from web.alert_charts import preview_figure
from web.charts import MOST_LINES, Figure
from web.fields import Fields
from web.render import wants_block
from web.rule_form import FIELDS, UNITS, RuleForm, faults
from web.rule_words import meaning
from web.site import Site, window_of
from web.urls import Range

STEPS: Final = 48
MOST_EPISODES: Final = 20
_KINDS: Final = {"function": "Functions and cost", "queue": "Queues", "flow": "Events"}
_BLOCKS: Final = ("editor", "preview")


@dataclass(frozen=True, slots=True)
class Past:
    """What the rule would have done; ``figure`` None: no group had a value."""

    preview: Preview
    figure: Figure | None
    line_count: int
    values: Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class RulePage:
    """``rule_id`` None: it is not saved yet. ``faults``: what is wrong, by field, "" for all of it;
    ``told``: they are shown. ``words``: what the rule means, None while it is not one.

    ``past`` None: it comes by a question of its own, or ``trouble`` says why it cannot.
    ``live``: the answer is to a form being filled in, which has its messages beside the fields.
    """

    rule_id: str | None
    read_only: bool
    form: RuleForm
    fields: Sequence[str]
    unit: str
    metrics: Sequence[tuple[str, Sequence[Metric]]]
    scopes: Sequence[str]
    targets: Sequence[str]
    faults: Mapping[str, Sequence[str]]
    told: bool
    words: str | None
    past: Past | None
    trouble: str | None
    live: bool
    action: str


def router(site: Site) -> APIRouter:
    """``/alerts/rules/new`` and ``/alerts/rules/{id}``."""
    routes = APIRouter(include_in_schema=False)
    desk = site.service.rules

    @routes.get("/alerts/rules/new")
    def new(request: Request) -> Response:
        return _asked(site, request, None)

    @routes.post("/alerts/rules/new")
    def add(request: Request, fields: Fields) -> Response:
        form = RuleForm.read(fields)
        try:
            made = desk.add(form.document())
        except BadRule as error:
            return _refused(site, request, None, form, error)
        return RedirectResponse(f"{alert_urls.rules(Range())}#rule-{made.id}", 303)

    @routes.get("/alerts/rules/{rule_id}")
    def one(request: Request, rule_id: str) -> Response:
        return _asked(site, request, desk.rule(rule_id))

    @routes.post("/alerts/rules/{rule_id}")
    def save(request: Request, rule_id: str, fields: Fields) -> Response:
        old = desk.rule(rule_id)
        form = RuleForm.read(fields, RuleForm.of(old))
        try:
            desk.replace(rule_id, form.document())
        except BadRule as error:
            return _refused(site, request, old, form, error)
        return RedirectResponse(f"{alert_urls.rules(Range())}#rule-{rule_id}", 303)

    return routes


def _asked(site: Site, request: Request, old: Rule | None) -> Response:
    query: ImmutableMultiDict[str, Any] = request.query_params
    form = RuleForm.read(query, RuleForm.of(old) if old else None)
    target = request.headers.get("hx-target", "")
    block = target if target in _BLOCKS and wants_block(request) else None
    live = block == "preview"
    rule, wrong = _read(form, old)
    past, trouble = None, None
    if rule and (live or "preview" in query):
        past, trouble = _past(site, rule, window_of(request))
    page = _page(
        site, old, form, wrong, rule,
        told=live or "was" in query, past=past, trouble=trouble, live=live,
    )  # fmt: skip
    return _response(site, request, page, block)


def _refused(
    site: Site, request: Request, old: Rule | None, form: RuleForm, error: BadRule
) -> Response:
    rule, _ = _read(form, old)
    page = _page(site, old, form, faults(error, form), rule, told=True)
    return _response(site, request, page, None, status=400)


def _read(form: RuleForm, old: Rule | None) -> tuple[Rule | None, Mapping[str, Sequence[str]]]:
    try:
        return form.rule(old.id if old else "preview"), {}
    except BadRule as error:
        return None, faults(error, form)


def _past(site: Site, rule: Rule, window: Window) -> tuple[Past | None, str | None]:
    service = site.service
    try:
        found = preview(
            Answers(service.database.read, service.alerts.facts), rule, window, steps=STEPS
        )
    except (LockstitchError, duckdb.Error) as error:
        return None, str(error).partition("\n")[0]
    shown = found.series[:MOST_LINES]
    known = any(point.value is not None for each in shown for point in each.points)
    values = [
        (points[0].time_ns, [metric_text(rule, point.value) for point in points])
        for points in zip(*(each.points for each in shown), strict=False)
    ]
    return Past(found, preview_figure(found, window) if known else None, len(shown), values), None


def metric_text(rule: Rule, value: float | None) -> str:
    """A value as a person reads it."""
    return METRICS[rule.metric].text(value) if value is not None else "no data"


def _page(
    site: Site,
    old: Rule | None,
    form: RuleForm,
    wrong: Mapping[str, Sequence[str]],
    rule: Rule | None,
    *,
    told: bool,
    past: Past | None = None,
    trouble: str | None = None,
    live: bool = False,
) -> RulePage:
    known = [each.name for each in site.service.delivery.targets.all()]
    return RulePage(
        rule_id=old.id if old else None,
        read_only=old is not None and old.source == FILE,
        form=form,
        fields=FIELDS,
        unit=UNITS.get(form.metric.unit, form.metric.unit),
        metrics=_grouped(),
        scopes=SCOPE_OF[form.metric.kind],
        targets=known + [each for each in form.targets if each not in known],
        faults=wrong if told else {},
        told=told,
        words=meaning(rule) if rule else None,
        past=past,
        trouble=trouble,
        live=live,
        action=alert_urls.rule(old.id) if old else alert_urls.new_rule(Range()),
    )


def _grouped() -> list[tuple[str, Sequence[Metric]]]:
    by_kind = sorted(METRICS.values(), key=lambda each: list(_KINDS).index(each.kind))
    return [(_KINDS[kind], list(of)) for kind, of in groupby(by_kind, lambda each: each.kind)]


def _response(
    site: Site, request: Request, page: RulePage, block: str | None, status: int = 200
) -> Response:
    title = page.form.text["name"] if page.rule_id else "New rule"
    frame = site.frame(request, title, "alerts", charts=True)
    answer = site.pages.response(request, "rule", page, frame, block=block, status=status)
    if block:
        answer.headers["HX-Replace-Url"] = f"{request.url.path}?{request.url.query}"
    return answer
