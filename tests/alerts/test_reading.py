"""Rules as people write them: what is wrong is said with the remedy; what is right reads back."""

from pathlib import Path
from typing import Any

import pytest

from collector.alerts.book import file_rules
from collector.alerts.documents import BadRule
from collector.alerts.reading import read_rule
from collector.alerts.spans import span_of, span_text
from collector.alerts.toml import write_rules
from collector.errors import SettingsError
from collector.settings import AlertSettings
from tests.alerts.watched import rule

FULL = rule(
    "cold_start_rate", scope={"function": "orders-*", "provider": "aws"}, comparison=">=",
    threshold=0.05, window="10m", for_="2m", severity="critical", owner="team-orders",
    targets=["chat", "pager"], note="https://wiki/cold\n\"starts\"", no_data="keep",
    resolve_threshold=0.02, keep_firing_for="5m", min_count=20, enabled=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"name": " "}, "name is missing"),
        ({"metric": "eror_rate"}, "did you mean error_rate?"),
        ({"metric": "weather"}, "known are cold_start_rate"),
        ({"scope": "orders"}, 'such as {"function": "orders-\\*"}'),
        ({"scope": {"queue": "x"}}, "scope.queue means nothing here: error_rate takes function"),
        ({"comparison": "=="}, "use one of >, >=, <, <="),
        ({"threshold": "5%"}, "use a number, in the metric's unit"),
        ({"threshold": float("nan")}, "use a number"),
        ({"window": "5 min"}, "a whole number with s, m, h, d or w"),
        ({"window": "10s"}, "use 1m at least"),
        ({"window": "60d"}, "1w at most"),
        ({"for": 5}, "for is 5: use a whole number with"),
        ({"severity": "bad"}, "use one of info, warning, critical"),
        ({"no_data": "zero"}, "use one of ok, keep, alert"),
        ({"targets": "chat"}, "use a list of texts"),
        ({"min_count": -1}, "0 or more"),
        ({"enabled": "yes"}, "use true or false"),
        ({"resolve_threshold": 0.5}, "is above the threshold"),
        ({"thresold": 1}, "did you mean threshold?"),
        ({"metric": "dlq_age_s", "scope": {"queue": "*"}}, "owner is missing"),
        ({"metric": "flow_dead_lettered", "scope": {"flow": "*"}}, "owner is missing"),
    ],
)
def test_a_wrong_rule_is_told_what_is_wrong(said: dict[str, Any], told: str) -> None:
    """One line a fault, each with what to write instead."""
    with pytest.raises(BadRule, match=told):
        read_rule(rule() | said, "x")


def test_a_rule_that_is_no_object_is_told_so() -> None:
    """Whatever else JSON may hold."""
    for given in ([], "rule", None, 5):
        with pytest.raises(BadRule, match="a rule is an object"):
            read_rule(given, "x")


def test_what_is_left_out_is_as_the_metric_suggests() -> None:
    """A name and a metric are enough."""
    made = read_rule({"name": "x", "metric": "memory_headroom"}, "x")

    assert (made.comparison, made.threshold, span_text(made.window_ns)) == ("<", 0.05, "1h")
    assert made.scope.is_all


def test_a_rule_survives_toml(tmp_path: Path) -> None:
    """What is exported is what a file of rules may hold."""
    made = read_rule(FULL, "x")
    path = tmp_path / "rules.toml"
    path.write_text(write_rules([made]))
    [read] = file_rules(AlertSettings(files=(path,)))

    assert read.document() == made.document()
    assert read.source == "file"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[rules]\n", "is not TOML"),
        ("rules = 5\n", "has no \\[\\[rules\\]\\] tables"),
        ('[[rules]]\nname = "x"\nmetric = "y"\n', "metric 'y' is not known"),
        ('[[rules]]\nname = "x"\nmetric = "errors"\n' * 2, "in files twice"),
    ],
)
def test_a_fault_in_a_file_stops_the_start(tmp_path: Path, text: str, told: str) -> None:
    """With the file and the fault in the message."""
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=told):
        file_rules(AlertSettings(files=(path,)))


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    """The path counts from where the collector is started."""
    with pytest.raises(SettingsError, match="cannot be read"):
        file_rules(AlertSettings(files=(tmp_path / "none.toml",)))


@pytest.mark.parametrize("text", ["0s", "30s", "90s", "5m", "1h", "2d", "1w", "10d"])
def test_a_length_of_time_reads_back(text: str) -> None:
    """As it was written."""
    read = span_of(text)

    assert read is not None
    assert span_text(read) == text
