"""``/api/v1/scorecard``: the four gates of every function and flow."""

from fastapi import APIRouter, Response
from typing_extensions import TypedDict

from collector.alerts.gates import Gate
from collector.alerts.scorecard import ScoreRow, read_scorecard
from collector.alerts.sources import Answers
from collector.service import Service
from web.api.parameters import WindowParam, answer


class EvidenceJson(TypedDict):
    """What a verdict rests on. kind: event_trace, rule, slo, queue or function."""

    kind: str
    id: str
    label: str


class GateJson(TypedDict):
    """verdict: pass, fail or unknown; figure says why, remedy what to do about it."""

    gate: str
    verdict: str
    figure: str
    value: float | None
    bound: float | None
    unit: str
    remedy: str | None
    evidence: list[EvidenceJson]


class ScoreRowJson(TypedDict):
    """One function, or the flow that begins with a function, and its gates."""

    name: str
    gates: list[GateJson]


class ScorecardJson(TypedDict):
    """Functions and flows, those that fail most first."""

    functions: list[ScoreRowJson]
    flows: list[ScoreRowJson]


def router(service: Service) -> APIRouter:
    """The call about gates."""
    routes = APIRouter(tags=["alerts"])

    @routes.get("/scorecard", responses={200: {"model": ScorecardJson}})
    def scorecard(window: WindowParam) -> Response:
        """Reliability, latency, cost and operability of what telemetry of the window tells of."""
        answers = Answers(service.ask_derived, service.alerts.facts)
        found = read_scorecard(answers, service.rules.book(), window)
        return answer(
            ScorecardJson(
                functions=[_row(row) for row in found.functions],
                flows=[_row(row) for row in found.flows],
            )
        )

    return routes


def _row(row: ScoreRow) -> ScoreRowJson:
    return {"name": row.name, "gates": [_gate(each) for each in row.gates]}


def _gate(gate: Gate) -> GateJson:
    return {
        "gate": gate.name,
        "verdict": gate.verdict,
        "figure": gate.figure,
        "value": gate.value,
        "bound": gate.bound,
        "unit": gate.unit,
        "remedy": gate.remedy,
        "evidence": [
            {"kind": each.kind, "id": each.id, "label": each.label} for each in gate.evidence
        ],
    }
