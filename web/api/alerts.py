"""``/api/v1/alerts``: rules, what they watch, and the alerts that came of them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Response
from typing_extensions import TypedDict

from collector.alerts.metrics import METRICS
from collector.alerts.reading import SCOPE_OF
from collector.alerts.standing import list_standing
from collector.alerts.starter import starter_set
from collector.alerts.toml import write_rules
from collector.service import Service
from collector.store.alerts import list_changes
from web.api import alert_preview
from web.api.alert_shapes import (
    AlertChangeJson,
    AlertJson,
    MetricJson,
    RuleJson,
    alert_json,
    change_json,
    metric_json,
    rule_json,
)
from web.api.parameters import Limit, WindowParam, answer

_Document = Annotated[
    dict[str, Any],
    Body(
        examples=[
            {
                "name": "Cold starts of orders",
                "metric": "cold_start_rate",
                "scope": {"function": "orders-*"},
                "comparison": ">",
                "threshold": 0.05,
                "window": "5m",
                "for": "0s",
                "severity": "warning",
                "owner": "team-orders",
                "targets": [],
                "no_data": "ok",
            }
        ]
    ),
]
_State = Literal["pending", "firing", "resolved"]


class AlertList(TypedDict):
    """Alerts that are not inactive, firing first."""

    alerts: list[AlertJson]


class AlertChangeList(TypedDict):
    """Changes of alerts, the newest first."""

    changes: list[AlertChangeJson]


class RuleList(TypedDict):
    """Rules in order of name. unread: stored ones that this build cannot read, with the reason."""

    rules: list[RuleJson]
    unread: dict[str, str]


class TomlText(TypedDict):
    """Rules as ``[[rules]]`` tables."""

    toml: str


class Starter(TypedDict, total=False):
    """Whom the rules of the starter set belong to, and where their alerts go."""

    owner: str
    targets: list[str]


class Imported(TypedDict):
    """The rules that an import made."""

    rules: list[RuleJson]


class MetricList(TypedDict):
    """Metrics that rules may watch."""

    metrics: list[MetricJson]


def router(service: Service) -> APIRouter:
    """The calls about alerts and rules."""
    routes = APIRouter(prefix="/alerts", tags=["alerts"])
    _alerts(routes, service)
    alert_preview.add_to(routes, service)
    _rules(routes, service)
    return routes


def _alerts(routes: APIRouter, service: Service) -> None:
    @routes.get("", responses={200: {"model": AlertList}})
    def alerts(state: Annotated[_State | None, Query()] = None) -> Response:
        """Alerts that are not inactive: firing, pending, and resolved within the hour."""
        found = service.database.read(lambda store: list_standing(store, service.rules.file_rules))
        rows = [
            alert_json(each.rule, each.state, each.summary)
            for each in found
            if state is None or each.state.state == state
        ]
        return answer(AlertList(alerts=rows))

    @routes.get("/history", responses={200: {"model": AlertChangeList}})
    def history(
        window: WindowParam,
        rule_id: Annotated[str | None, Query(max_length=100)] = None,
        group: Annotated[str | None, Query(max_length=500)] = None,
        limit: Limit = 100,
    ) -> Response:
        """Changes of alerts in the window, the newest first."""
        most = min(limit, 1000)
        found = service.database.read(
            lambda store: list_changes(store, window, rule_id=rule_id, group=group, limit=most)
        )
        return answer(AlertChangeList(changes=[change_json(each) for each in found]))

    @routes.get("/metrics", responses={200: {"model": MetricList}})
    def metrics() -> Response:
        """The metrics that rules may watch, with their units and defaults."""
        found = [metric_json(each, list(SCOPE_OF[each.kind])) for each in METRICS.values()]
        return answer(MetricList(metrics=found))


def _rules(routes: APIRouter, service: Service) -> None:
    desk, engine = service.rules, service.alerts

    @routes.get("/rules", responses={200: {"model": RuleList}})
    def rules() -> Response:
        """Every rule; those of files are read-only."""
        book = desk.book()
        errors = engine.rule_errors
        found = [rule_json(each, errors.get(each.id)) for each in book.rules.values()]
        return answer(RuleList(rules=found, unread=dict(book.unread)))

    @routes.post("/rules", responses={201: {"model": RuleJson}}, status_code=201)
    def add(document: _Document) -> Response:
        """Makes a rule; what it leaves out is as its metric suggests."""
        made = answer(rule_json(desk.add(document)))
        made.status_code = 201
        return made

    @routes.post("/starter", responses={200: {"model": Imported}})
    def starter(given: Annotated[Starter | None, Body()] = None) -> Response:
        """Switches the starter set on: makes those of its rules that are not there yet."""
        said = given or {}
        documents = starter_set(said.get("owner"), said.get("targets") or ())
        made = desk.add_all(documents, skip_known=True)
        return answer(Imported(rules=[rule_json(each) for each in made]))

    @routes.get("/rules/export")
    def export() -> Response:
        """Every rule as TOML, for version control."""
        text = write_rules(desk.book().rules.values())
        return Response(text, media_type="application/toml; charset=utf-8")

    @routes.post("/rules/import", responses={200: {"model": Imported}})
    def take(given: TomlText) -> Response:
        """Makes the rules of a TOML text that are not there yet, all of them or none."""
        made = desk.import_toml(given["toml"])
        return answer(Imported(rules=[rule_json(each) for each in made]))

    @routes.get("/rules/{rule_id}", responses={200: {"model": RuleJson}})
    def one(rule_id: str) -> Response:
        """One rule."""
        return answer(rule_json(desk.rule(rule_id), engine.rule_errors.get(rule_id)))

    @routes.put("/rules/{rule_id}", responses={200: {"model": RuleJson}})
    def put(rule_id: str, document: _Document) -> Response:
        """Puts another rule in the place of one that is stored."""
        return answer(rule_json(desk.replace(rule_id, document)))

    @routes.delete("/rules/{rule_id}", status_code=204)
    def delete(rule_id: str) -> Response:
        """Takes a stored rule away."""
        desk.remove(rule_id)
        return Response(status_code=204)
