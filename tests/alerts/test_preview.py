"""What a rule would have done over the past."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.alerts.metric import Metric
from collector.alerts.metrics import METRICS
from collector.alerts.preview import preview
from collector.alerts.reading import read_rule
from collector.alerts.sampling import samples
from collector.alerts.sources import Answers
from collector.model.window import Window
from tests.alerts.watched import WatchedStore, numbered, rule
from tests.health.derived import MINUTE, T0_NS, span
from tests.health.test_metrics import summary

# It fails from minute 4 to minute 8 of 12; another function never does.
FAILS = range(4, 8)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WatchedStore]:
    opened = WatchedStore(tmp_path)
    rows = [
        span(
            minute * 60 + 5,
            function=name,
            status_code=2 if minute in FAILS and name == "bad" else 0,
        )
        for minute in range(12)
        for name in ("bad", "good")
    ]
    opened.take(
        *numbered(rows),
        *(summary(name, 4, total) for name, total in (("Throttles", 3), ("Invocations", 9))),
    )
    yield opened
    opened.close()


def test_a_preview_says_when_it_would_have_fired(store: WatchedStore) -> None:
    """The same as the engine would have told, at each step of the same evaluator."""
    answers = Answers(store.database.read, store.facts)
    document = rule(threshold=0.5, window="1m", for_="1m")
    found = preview(
        answers, read_rule(document, "preview"), Window(T0_NS, T0_NS + 12 * MINUTE), steps=12
    )
    told = [(each.group, each.state, each.since_ns, each.until_ns) for each in found.episodes]

    assert told == [
        ("bad", "pending", T0_NS + 5 * MINUTE, T0_NS + 6 * MINUTE),
        ("bad", "firing", T0_NS + 6 * MINUTE, T0_NS + 9 * MINUTE),
    ]
    assert found.firing_count == 1
    assert [each.group for each in found.series][:2] == ["bad", "good"]
    values = [point.value for point in found.series[0].points]
    assert values == [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0]


def test_what_still_fires_has_no_end(store: WatchedStore) -> None:
    """As of the end of what is looked at."""
    answers = Answers(store.database.read, store.facts)
    read = read_rule(rule(threshold=0.5, window="1m"), "preview")
    [episode] = preview(answers, read, Window(T0_NS, T0_NS + 6 * MINUTE), steps=6).episodes

    assert (episode.state, episode.until_ns) == ("firing", None)


@pytest.mark.parametrize(
    "metric",
    [each for each in METRICS.values() if each.countable],
    ids=lambda metric: metric.name,
)
def test_reading_many_windows_at_once_says_the_same(store: WatchedStore, metric: Metric) -> None:
    """As reading them one by one, for each metric made of counts."""
    answers = Answers(store.database.read, store.facts)
    for scope in ({"function": "*"}, {}):
        read = read_rule(rule(metric.name, scope=scope, window="3m"), "preview")
        windows = [Window(T0_NS + at * MINUTE, T0_NS + (at + 3) * MINUTE) for at in (0, 3, 8)]
        fast = Answers(store.database.read, store.facts)
        fast.preload(windows)
        for window in windows:
            assert samples(fast, read, window.until_ns) == samples(answers, read, window.until_ns)
