"""Moving a story in time changes its times and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from collector.batch import Signal
from collector.errors import SettingsError
from tests.sample_data.captured import REQUESTS, messages
from web import stories
from web.captures import times_in
from web.shifting import shifted, times

DELTA_NS = 86_400_123_456_789
START_NS = 1_795_186_800_000_000_000


def walked(message: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field that is set, at any depth, with its path."""
    for field, value in message.ListFields():
        many = value if field.is_repeated else [value]
        for index, item in enumerate(many):
            here = f"{path}.{field.name}[{index}]"
            if field.message_type is None:
                yield here, item
            else:
                yield from walked(item, here)


def moved_back(message: Any) -> list[tuple[str, Any]]:
    """All fields, times taken back by the delta."""
    return [
        (path, value - DELTA_NS if "time_unix_nano" in path.rsplit(".", 1)[1] else value)
        for path, value in walked(message)
    ]


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("story", stories.stories(), ids=lambda story: story.name)
def test_every_time_moves_by_the_delta_and_nothing_else_changes(
    story: stories.Story, signal: Signal
) -> None:
    """Checked field by field through the protocol's own descriptors."""
    for message in messages(story, signal)[:200]:
        moved = shifted(signal, message.SerializeToString(), DELTA_NS)
        assert moved_back(REQUESTS[signal].FromString(moved)) == list(walked(message))


def test_every_kind_of_metric_and_its_exemplars_move() -> None:
    """Gauges, sums, both histograms and summaries."""
    point = {"start_time_unix_nano": START_NS, "time_unix_nano": START_NS + 1}
    sampled = point | {"exemplars": [{"time_unix_nano": START_NS, "as_int": 1}]}
    metrics: list[dict[str, Any]] = [
        {"name": "a", "gauge": {"data_points": [sampled]}},
        {"name": "b", "sum": {"data_points": [sampled]}},
        {"name": "c", "histogram": {"data_points": [sampled]}},
        {"name": "d", "exponential_histogram": {"data_points": [sampled]}},
        {"name": "e", "summary": {"data_points": [point]}},
        {"name": "f"},
    ]
    request = ExportMetricsServiceRequest()
    scope = request.resource_metrics.add().scope_metrics.add()
    for metric in metrics:
        scope.metrics.add(**metric)

    moved = shifted(Signal.METRICS, request.SerializeToString(), DELTA_NS)

    assert moved_back(ExportMetricsServiceRequest.FromString(moved)) == list(walked(request))


def test_an_unset_time_stays_unset() -> None:
    """Zero means "not known", it is not a time in 1970."""
    log = REQUESTS[Signal.LOGS](
        resource_logs=[{"scope_logs": [{"log_records": [{"observed_time_unix_nano": START_NS}]}]}]
    )

    moved = shifted(Signal.LOGS, log.SerializeToString(), DELTA_NS)

    assert list(times(Signal.LOGS, moved)) == [START_NS + DELTA_NS]


def test_the_stories_end_together_at_the_asked_time() -> None:
    """The last time is the asked one to the millisecond; requests come in order of time."""
    until_ns = START_NS
    moved = stories.shifted_requests(until_ns=until_ns)
    latest = [max(times_in(each), default=0) for each in moved]

    assert until_ns - 1_000_000 < max(latest) <= until_ns
    assert len(moved) == sum(1 for story in stories.stories() for _ in story.everything())
    # Late exports of one signal stay late: order holds within seconds, not strictly.
    assert latest[0] < latest[len(latest) // 2] < latest[-1]


def test_an_installation_without_stories_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy is named."""
    monkeypatch.setattr(stories, "_PLACES", ())

    with pytest.raises(SettingsError, match="install the wheel"):
        stories.stories()
