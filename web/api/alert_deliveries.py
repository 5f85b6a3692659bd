"""``/api/v1/alerts/deliveries``: what was sent about alerts, to whom, and what became of it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from typing_extensions import TypedDict

from collector.model.delivery import Delivery
from collector.model.window import format_time
from collector.service import Service
from collector.store.delivering import list_deliveries
from web.api.parameters import Limit, Text, WindowParam, answer

_State = Literal["waiting", "failed", "sent", "given_up", "silenced", "dropped"]


class DeliveryJson(TypedDict):
    """One change of an alert for one target, or a test. ``dedup_key``: of the message it went with.

    ``state``: waiting, failed (tried again at ``next_attempt_at``), sent, given_up, silenced, or
    dropped (an end of which the target never heard the beginning). ``reason``: change, repeat,
    silence_ended or test. ``error`` is the last one, without secrets.
    """

    id: str
    change_id: str | None
    dedup_key: str | None
    silence_id: str | None
    target: str
    rule_id: str
    rule: str
    group: str
    severity: str
    alert_state: str
    reason: str
    state: str
    attempts: int
    created_at: str
    next_attempt_at: str | None
    ended_at: str | None
    status: int | None
    latency_ms: float | None
    error: str | None


class DeliveryList(TypedDict):
    """Deliveries begun in the window, newest first."""

    deliveries: list[DeliveryJson]


def router(service: Service) -> APIRouter:
    """The call about deliveries."""
    routes = APIRouter(tags=["alerts"])

    @routes.get("/alerts/deliveries", responses={200: {"model": DeliveryList}})
    def deliveries(
        window: WindowParam,
        target: Text = None,
        rule: Annotated[str | None, Query(max_length=500, description="Id or name")] = None,
        state: _State | None = None,
        limit: Limit = 100,
    ) -> Response:
        """The delivery log: deliveries begun in the window, newest first."""
        since_ns, until_ns, most = window.since_ns, window.until_ns, min(limit, 1000)
        found = service.database.read(
            lambda store: list_deliveries(
                store, since_ns, until_ns, most, target=target, rule=rule, state=state
            )
        )
        return answer(DeliveryList(deliveries=[_delivery(each) for each in found]))

    return routes


def _delivery(row: Delivery) -> DeliveryJson:
    return {
        "id": row.delivery_id,
        "change_id": row.change_id,
        "dedup_key": row.message_id,
        "silence_id": row.silence_id,
        "target": row.target,
        "rule_id": row.rule_id,
        "rule": row.rule_name,
        "group": row.group,
        "severity": row.severity,
        "alert_state": row.alert_state,
        "reason": row.reason,
        "state": row.state,
        "attempts": row.attempts,
        "created_at": format_time(row.created_ns),
        "next_attempt_at": None if row.next_ns is None else format_time(row.next_ns),
        "ended_at": None if row.ended_ns is None else format_time(row.ended_ns),
        "status": row.http_status,
        "latency_ms": row.latency_ms,
        "error": row.error,
    }
