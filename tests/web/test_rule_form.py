"""What people type into the rule editor, and the rule that comes of it."""

import pytest
from starlette.datastructures import QueryParams

from collector.alerts.documents import BadRule
from collector.alerts.metrics import METRICS
from collector.alerts.reading import read_rule
from collector.alerts.starter import starter_set
from web.rule_form import RuleForm, amount, amount_text, faults
from web.rule_words import meaning, title_of


def form(**typed: str) -> RuleForm:
    return RuleForm.read(QueryParams(typed))


@pytest.mark.parametrize("name", METRICS)
def test_what_a_metric_suggests_is_a_rule(name: str) -> None:
    """Saved as it is drawn, with a name of its own; one on dead letters wants an owner."""
    drawn = form(metric=name, owner="team" if METRICS[name].needs_owner else "")

    made = drawn.rule("r")

    assert made.metric == name
    assert made.threshold == METRICS[name].threshold
    assert made.name == title_of(made)
    assert meaning(made).startswith("Fires when the ")


@pytest.mark.parametrize(
    "document", starter_set("team", ["on-call"]), ids=lambda each: each["name"]
)
def test_a_rule_survives_its_editor(document: dict[str, object]) -> None:
    """Opened and saved again, nothing of it has changed."""
    rule = read_rule(document, "r")

    assert RuleForm.of(rule).rule("r") == rule


@pytest.mark.parametrize(
    ("text", "unit", "read"),
    [
        ("5", "ratio", 0.05), ("5 %", "ratio", 0.05), ("0.3%", "ratio", 0.003),
        ("15m", "s", 900.0), ("1.5s", "s", 1.5), ("1.5 s", "ms", 1500.0),
        ("90", "s", 90.0), ("500ms", "s", 0.5),
        ("3s", "ms", 3000.0), ("250 ms", "ms", 250.0), ("$0.02", "usd", 0.02),
        ("1000", "count", 1000.0), ("many", "count", "many"),
        ("", "ratio", ""), ("1e999999999", "s", "1e999999999"),
    ],
)  # fmt: skip
def test_thresholds_are_read_as_people_write_them(text: str, unit: str, read: object) -> None:
    """In the unit that is shown beside the field, or with one of their own."""
    assert amount(text, unit) == read


@pytest.mark.parametrize(("value", "text"), [(0.05, "5"), (0.999, "99.9"), (1e-7, "0.00001")])
def test_a_share_is_shown_as_per_cent(value: float, text: str) -> None:
    """Without the noise of binary fractions, and without an exponent."""
    assert amount_text(value, "ratio") == text


def test_another_metric_gives_up_what_the_first_one_meant() -> None:
    """Its threshold and window come with it; who is told stays."""
    changed = form(
        was="error_rate", metric="duration_p95_ms", threshold="10", window="1h", of="pay*",
        severity="critical",
    )  # fmt: skip

    assert changed.text["threshold"] == "3000"
    assert changed.text["window"] == METRICS["duration_p95_ms"].window
    assert changed.text["of"] == "pay*"
    assert changed.text["severity"] == "critical"


def test_a_metric_of_another_kind_gives_up_its_scope() -> None:
    """A function's name is no queue's."""
    assert form(was="error_rate", metric="queue_depth", of="pay*").text["of"] == "*"


def test_each_fault_stands_beside_its_field() -> None:
    """All of them at once; a name nobody gave is no fault."""
    wrong = form(
        was="dlq_depth", metric="dlq_depth", threshold="many", window="1", min_count="-1",
        of="x" * 300,
    )  # fmt: skip

    with pytest.raises(BadRule) as refused:
        wrong.rule("r")

    found = faults(refused.value, wrong)
    assert found.keys() == {"threshold", "window", "min_count", "owner", "of"}
    assert found["window"][0].startswith("'1': use a whole number with s, m, h, d or w")
    assert found["of"] == ["Has 300 characters: 200 is the most"]


def test_a_bound_beyond_the_threshold_is_told_without_its_share() -> None:
    """The message speaks of the field, not of 0.2 where 20 % was typed."""
    wrong = form(was="error_rate", metric="error_rate", threshold="10", resolve_threshold="20")

    with pytest.raises(BadRule) as refused:
        wrong.rule("r")

    [said] = faults(refused.value, wrong)["resolve_threshold"]
    assert "0.2" not in said
    assert "use less" in said
