"""``/api/v1/alerts/silences``: what is kept quiet, by whom, why and until when."""

import time
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from collector.model.delivery import Silence
from collector.model.window import format_time
from collector.service import Service
from web.api.parameters import answer
from web.api.problems import Problem


class SilenceIn(BaseModel):
    """A silence to be made. What it names must all match; what it leaves out matches anything.

    ``rule``: id or name. ``group``: a pattern for the function, queue or flow (``orders-*``).
    It ends at ``ends_at`` (RFC 3339), or ``for`` (``2h``) after it starts; it starts now, or at
    ``starts_at``.
    """

    model_config = ConfigDict(extra="forbid")

    rule: str | None = None
    group: str | None = None
    severity: str | None = None
    reason: str | None = None
    author: str | None = None
    starts_at: str | None = None
    ends_at: str | None = None
    length: str | None = Field(default=None, alias="for")


class SilenceJson(TypedDict):
    """One silence. ``state``: active, scheduled or ended."""

    id: str
    rule: str | None
    group: str | None
    severity: str | None
    reason: str
    author: str
    starts_at: str
    ends_at: str
    created_at: str
    state: str


class SilenceList(TypedDict):
    """Silences, the last to end first."""

    silences: list[SilenceJson]


_Fields = Annotated[
    SilenceIn,
    Body(examples=[{"group": "orders-*", "for": "2h", "reason": "migration", "author": "ada"}]),
]
_Which = Annotated[
    Literal["current", "all"], Query(description="current: active and scheduled; all: ended too")
]


def router(service: Service) -> APIRouter:
    """The calls about silences."""
    routes = APIRouter(prefix="/alerts/silences", tags=["alerts"])
    silences = service.delivery.silences

    @routes.get("", responses={200: {"model": SilenceList}})
    def list_all(state: _Which = "current") -> Response:
        """Silences that go on or are to come; ended ones too where asked for."""
        found = silences.all(ended=state == "all")
        return answer(SilenceList(silences=[_silence(each) for each in found]))

    @routes.post("", responses={201: {"model": SilenceJson}}, status_code=201)
    def add(fields: _Fields) -> Response:
        """Makes a silence; alerts it matches are logged as silenced, and told when it ends."""
        made = answer(_silence(silences.add(fields.model_dump(by_alias=True))))
        made.status_code = 201
        return made

    @routes.delete("/{silence_id}", status_code=204)
    def delete(silence_id: str) -> Response:
        """Ends a silence now; it is kept to be read."""
        if not silences.end(silence_id):
            raise Problem(404, "there is no silence of this id that has not ended")
        return Response(status_code=204)

    return routes


def _silence(silence: Silence) -> SilenceJson:
    now_ns = time.time_ns()
    later = "scheduled" if now_ns < silence.starts_ns else "ended"
    return {
        "id": silence.silence_id,
        "rule": silence.rule,
        "group": silence.group,
        "severity": silence.severity,
        "reason": silence.reason,
        "author": silence.author,
        "starts_at": format_time(silence.starts_ns),
        "ends_at": format_time(silence.ends_ns),
        "created_at": format_time(silence.created_ns),
        "state": "active" if silence.active(now_ns) else later,
    }
