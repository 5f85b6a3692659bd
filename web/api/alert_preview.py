"""``/api/v1/alerts/rules/preview``: what a rule would have done over the past."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from typing_extensions import TypedDict

from collector.alerts.preview import MOST_STEPS, Preview, preview
from collector.alerts.reading import read_rule
from collector.alerts.sources import Answers
from collector.model.window import NS_PER_S, format_time
from collector.service import Service
from web.api.alert_shapes import RuleJson, rule_json
from web.api.parameters import WindowParam, answer


class PointJson(TypedDict):
    """The metric in the rule's window that ends at this time; null is no data."""

    time: str
    value: float | None


class SeriesJson(TypedDict):
    """The metric of one group over time; label names the group to a person."""

    group: str
    label: str
    points: list[PointJson]


class EpisodeJson(TypedDict):
    group: str
    state: str
    since: str
    until: str | None
    value: float | None


class PreviewJson(TypedDict):
    """series: at most 20 groups, those that fired first; group_count says how many there are.
    episodes: when an alert would have been pending or firing; until null: it still would be."""

    rule: RuleJson
    step_s: float
    firing_count: int
    group_count: int
    series: list[SeriesJson]
    episodes: list[EpisodeJson]


def add_to(routes: APIRouter, service: Service) -> None:
    """The call about the past."""

    @routes.post("/rules/preview", responses={200: {"model": PreviewJson}})
    def ask(
        document: Annotated[dict[str, Any], Body()],
        window: WindowParam,
        steps: Annotated[int | None, Query(ge=1, le=MOST_STEPS)] = None,
    ) -> Response:
        """What a rule would have done over the window, by the evaluator that alerts use."""
        rule = read_rule({"name": "preview"} | document, "preview")
        answers = Answers(service.database.read, service.alerts.facts)
        service.pipeline.settle()
        return answer(preview_json(preview(answers, rule, window, steps=steps)))


def preview_json(found: Preview) -> PreviewJson:
    """A preview as the API gives it."""
    return {
        "rule": rule_json(found.rule),
        "step_s": found.step_ns / NS_PER_S,
        "firing_count": found.firing_count,
        "group_count": found.group_count,
        "series": [
            {
                "group": series.group,
                "label": series.label,
                "points": [
                    {"time": format_time(point.time_ns), "value": point.value}
                    for point in series.points
                ],
            }
            for series in found.series
        ],
        "episodes": [
            {
                "group": each.group,
                "state": each.state,
                "since": format_time(each.since_ns),
                "until": None if each.until_ns is None else format_time(each.until_ns),
                "value": each.value,
            }
            for each in found.episodes
        ],
    }
