"""``/api/v1/alerts/slos``: service level objectives and how they are met."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from typing_extensions import TypedDict

from collector.alerts.objective_desk import ObjectiveStatus, status
from collector.alerts.sources import Answers
from collector.service import Service
from collector.store.alerts import list_states
from web.api.parameters import answer

_Document = Annotated[
    dict[str, Any],
    Body(
        examples=[
            {
                "name": "Orders are shipped",
                "kind": "outcome",
                "scope": {"flow": "orders-api"},
                "objective": 0.99,
                "period": "30d",
                "reach": "shipping",
                "within": "5m",
                "owner": "team-orders",
            }
        ]
    ),
]


class ObjectiveJson(TypedDict):
    """An objective and how it is met. good, total, share and budget_left are of its period, as far
    as telemetry is kept; burn_rates and states by window (1h, 6h, 3d); null is unknown."""

    id: str
    name: str
    kind: str
    scope: dict[str, str]
    objective: float
    period: str
    latency_ms: float | None
    reach: str | None
    within: str | None
    min_count: int
    owner: str | None
    targets: list[str]
    note: str | None
    enabled: bool
    good: int
    total: int
    share: float | None
    budget_left: float | None
    burn_rates: dict[str, float | None]
    states: dict[str, str]
    firing: bool


class ObjectiveList(TypedDict):
    """Objectives in order of name."""

    slos: list[ObjectiveJson]


def router(service: Service) -> APIRouter:
    """The calls about objectives."""
    routes = APIRouter(prefix="/alerts/slos", tags=["alerts"])
    desk = service.objectives

    def told(*wanted: str) -> list[ObjectiveJson]:
        """Those of these ids, or all."""
        found = [desk.objective(each) for each in wanted] or desk.objectives()
        states = service.database.read(list_states)
        answers = Answers(service.ask_derived, service.alerts.facts)
        now_ns = time.time_ns()
        return [_json(status(answers, each, states, now_ns)) for each in found]

    @routes.get("", responses={200: {"model": ObjectiveList}})
    def slos() -> Response:
        """Every objective and how it is met."""
        return answer(ObjectiveList(slos=told()))

    @routes.post("", responses={201: {"model": ObjectiveJson}}, status_code=201)
    def add(document: _Document) -> Response:
        """Makes an objective; three rules watch over it from now on."""
        made = answer(told(desk.add(document).id)[0])
        made.status_code = 201
        return made

    @routes.get("/{slo_id}", responses={200: {"model": ObjectiveJson}})
    def one(slo_id: str) -> Response:
        """One objective and how it is met."""
        return answer(told(slo_id)[0])

    @routes.put("/{slo_id}", responses={200: {"model": ObjectiveJson}})
    def put(slo_id: str, document: _Document) -> Response:
        """Puts another objective in the place of one."""
        return answer(told(desk.replace(slo_id, document).id)[0])

    @routes.delete("/{slo_id}", status_code=204)
    def delete(slo_id: str) -> Response:
        """Takes an objective away, with its alerts."""
        desk.remove(slo_id)
        return Response(status_code=204)

    return routes


def _json(found: ObjectiveStatus) -> ObjectiveJson:
    document: Any = found.objective.document()
    more = {
        "id": found.objective.id,
        "good": found.met.good,
        "total": found.met.total,
        "share": found.share,
        "budget_left": found.budget_left,
        "burn_rates": dict(found.burn_rates),
        "states": {suffix: each.state for suffix, each in found.states.items()},
        "firing": found.firing,
    }
    made: ObjectiveJson = document | more
    return made
