"""``/api/v1/alerts/targets``: where alerts go; what opens them is taken and never shown."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from collector.alerts.targets import Target
from collector.errors import TargetTaken
from collector.model.window import format_time
from collector.service import Service
from web.api.parameters import answer
from web.api.problems import Problem


class TargetIn(BaseModel):
    """A target to be saved. url, secret and headers are never shown again.

    ``url``: a webhook's https://…, or an apprise URL (slack://…, mailto://…, ntfy://…).
    ``kind``: webhook or apprise, by the URL where it is left out. ``secret`` signs webhooks (16
    bytes at least; base64 after "whsec_"), "" takes it away. ``repeat_hours``: how often a firing
    alert is sent again, 0 never, as the settings say where it is left out.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str | None = None
    kind: str | None = None
    url: str | None = Field(default=None, max_length=4000, json_schema_extra={"writeOnly": True})
    secret: str | None = Field(default=None, max_length=500, json_schema_extra={"writeOnly": True})
    headers: dict[str, str] | None = Field(default=None, json_schema_extra={"writeOnly": True})
    repeat_hours: float | None = None
    send_resolved: bool | None = None


class TargetJson(TypedDict):
    """One target. ``url`` is masked; ``headers`` are names alone; times are null in the settings.

    ``source``: config (read-only here) or stored. ``warning``: it was saved and may not work.
    """

    name: str
    kind: str
    url: str
    signed: bool
    headers: list[str]
    repeat_hours: float | None
    send_resolved: bool
    source: str
    created_at: str | None
    changed_at: str | None
    warning: str | None


class TargetList(TypedDict):
    """Targets in order of name."""

    targets: list[TargetJson]


class TestJson(TypedDict):
    """What a test message met. ``status`` is the HTTP status, null where none is known."""

    target: str
    ok: bool
    status: int | None
    latency_ms: float
    error: str | None
    dedup_key: str


_Fields = Annotated[
    TargetIn,
    Body(examples=[{"name": "on-call", "url": "https://hooks.example.com/x", "secret": "whsec_…"}]),
]


def router(service: Service) -> APIRouter:
    """The calls about targets."""
    routes = APIRouter(prefix="/alerts/targets", tags=["alerts"])
    targets = service.delivery.targets

    @routes.get("", responses={200: {"model": TargetList}})
    def list_all() -> Response:
        """Every target, of the settings and saved."""
        return answer(TargetList(targets=[_target(each) for each in targets.all()]))

    @routes.post("", responses={201: {"model": TargetJson}}, status_code=201)
    def add(fields: _Fields) -> Response:
        """Saves a new target."""
        made = answer(_target(*targets.add(_given(fields))))
        made.status_code = 201
        return made

    @routes.put("/{name}", responses={200: {"model": TargetJson}})
    def replace(name: str, fields: _Fields) -> Response:
        """Changes a saved target; url, secret and headers stay where they are left out."""
        changed = targets.replace(name, _given(fields))
        if changed is None:
            raise _unknown(name)
        return answer(_target(*changed))

    @routes.delete("/{name}", status_code=204)
    def delete(name: str) -> Response:
        """Takes a saved target away, once no rule sends to it."""
        using = [each.name for each in service.rules.book().rules.values() if name in each.targets]
        if using:
            raise TargetTaken(f"rules send to it: take it out of {', '.join(sorted(using)[:5])}")
        if not targets.remove(name):
            raise _unknown(name)
        return Response(status_code=204)

    @routes.post("/{name}/test", responses={200: {"model": TestJson}})
    def test(name: str) -> Response:
        """Sends a marked test message now, and says what happened."""
        found = targets.get(name)
        if found is None:
            raise _unknown(name)
        key, attempt = service.delivery.deliverer.test(found.settings)
        said: TestJson = {
            "target": name,
            "ok": attempt.error is None,
            "status": attempt.status,
            "latency_ms": round(attempt.latency_ms, 3),
            "error": attempt.error,
            "dedup_key": key,
        }
        return answer(said)

    return routes


def _given(fields: TargetIn) -> dict[str, Any]:
    return fields.model_dump(exclude_none=True)


def _unknown(name: str) -> Problem:
    return Problem(404, f"there is no target {name[:100]!r}: /api/v1/alerts/targets lists them")


def _target(target: Target, warning: str | None = None) -> TargetJson:
    settings = target.settings
    return {
        "name": settings.name,
        "kind": settings.kind,
        "url": target.masked_url,
        "signed": settings.secret is not None,
        "headers": sorted(settings.headers),
        "repeat_hours": settings.repeat_hours,
        "send_resolved": settings.send_resolved,
        "source": "config" if target.configured else "stored",
        "created_at": None if target.created_ns is None else format_time(target.created_ns),
        "changed_at": None if target.changed_ns is None else format_time(target.changed_ns),
        "warning": warning,
    }
