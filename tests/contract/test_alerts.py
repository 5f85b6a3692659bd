"""docs/alerts.md names every metric as it is."""

from pathlib import Path

import pytest

from collector.alerts.metrics import METRICS
from collector.alerts.reading import SCOPE_OF
from collector.alerts.starter import starter_set

DOCS = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text()


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_documented(name: str) -> None:
    """With its unit, what it is, and what its scope may name."""
    metric = METRICS[name]
    scope = ", ".join(SCOPE_OF[metric.kind])

    assert f"| `{name}` | {metric.unit} | {metric.description} | {scope} |" in DOCS.splitlines()


def test_every_rule_of_the_starter_set_is_documented() -> None:
    """With the stories it fires on."""
    table = DOCS.split("## The starter set")[1]

    for rule in starter_set():
        assert rule["name"].removeprefix("Starter: ") in table
