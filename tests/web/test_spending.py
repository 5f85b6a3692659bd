"""What pages say about costs is made from rows without a browser: parts, lists, charts, files."""

import csv
import io
import json
from decimal import Decimal

import pytest

from collector.model.cost import (
    Assumption,
    Cost,
    CostPart,
    CostPoint,
    CostReport,
    CostRow,
    EventCost,
    Split,
)
from collector.model.window import Window
from web import cost_charts, cost_file, formats, spending
from web.cost_charts import Units
from web.health_charts import Span
from web.urls import Range

MINUTE = 60_000_000_000
SPAN = Span(Window(0, 10 * MINUTE), MINUTE)
ASSUMED = Assumption("architecture_assumed", "architecture is not told: x86_64 is assumed")
NO_FEE = Assumption("unknown_fee", "no price is known of jobs, which is a kind that is not told")


def _row(name: str, useful: str, *said: Assumption, kind: str = "function") -> CostRow:
    cost = Cost.of(Split(useful_usd=Decimal(useful)), said)
    return CostRow(name, name, kind, cost, 10, 8)


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (None, "unknown"),
        (Decimal(0), "$0"),
        (Decimal("0.0042"), "$0.0042"),
        (Decimal("0.000000521456"), "$0.000000521"),
        (Decimal("0.4"), "$0.40"),
        (Decimal("12.345"), "$12.3"),
        (Decimal("999.96"), "$1,000"),
        (Decimal(1234), "$1,234"),
        (Decimal(12_345), "$12.3 k"),
        (Decimal("-3.2"), "\N{MINUS SIGN}$3.20"),
        (0.00031, "$0.00031"),
    ],
)
def test_money_has_three_digits_and_no_exponent(usd: Decimal | float | None, text: str) -> None:
    """None is unknown, never zero."""
    assert formats.money(usd) == text


def test_the_exact_amount_is_told_on_hover() -> None:
    """As many digits as are known, and no exponent, however small it is."""
    assert formats.exact_money(Decimal("0.0000000012345")) == "$0.0000000012345"
    assert formats.exact_money(Decimal(1234567)) == "$1,234,567"
    assert formats.exact_money(None) == "unknown"


def test_a_unit_cost_is_told_for_a_million() -> None:
    """As providers tell their prices."""
    assert formats.per_million(Decimal("0.0000002")) == "$0.20"


def test_parts_add_up_to_the_whole() -> None:
    """Those that cost nothing are left out."""
    split = Split(useful_usd=Decimal(6), failed_usd=Decimal(3), fee_usd=Decimal(1))

    found = spending.parts(split)

    assert [(part.kind.key, part.share) for part in found] == [
        ("useful", 0.6), ("fee", 0.1), ("failed", 0.3)
    ]  # fmt: skip
    assert sum(part.usd for part in found) == split.total_usd


def test_bars_lie_side_by_side_as_a_share_of_the_dearest() -> None:
    """Half as dear is half as long."""
    split = Split(useful_usd=Decimal(3), failed_usd=Decimal(1))

    assert [(bar.x, bar.width) for bar in spending.bars(split, Decimal(8))] == [
        (0, 37.5), (37.5, 12.5)
    ]  # fmt: skip


def test_nothing_with_something_missing_is_unknown() -> None:
    """A queue of which no price is known does not cost 0."""
    assert not Cost.of(Split(), [NO_FEE]).is_told
    assert Cost.of(Split()).is_told
    assert not Cost(None).is_told


def test_an_assumption_is_listed_once_with_whom_it_concerns_and_a_remedy() -> None:
    """Those that leave something out come first; a remedy for one function names it."""
    rows = [
        _row("a", "1", ASSUMED), _row("b", "2", ASSUMED), _row("jobs", "0", NO_FEE, kind="queue"),
    ]  # fmt: skip

    missing, assumed = spending.said(rows)

    assert (missing.names, missing.is_floor) == (("jobs",), True)
    assert missing.remedy == '[[queues]]\nmatch = "jobs"\nkind = "sqs"'
    assert (assumed.names, assumed.count) == (("a", "b"), 2)
    assert assumed.remedy == '[[functions]]\nmatch = "*"\narchitecture = "arm64"'


def test_the_cost_of_an_event_is_told_by_function_and_queue() -> None:
    """Attempts of one function together, the dearest first; a share of a batch is said."""
    parts = [
        CostPart("invocation", "pay", 0, 0.5, Cost.of(Split(useful_usd=Decimal(2))), outcome="ok"),
        CostPart("invocation", "pay", 9, 1, Cost.of(Split(retry_usd=Decimal(3))), outcome="error"),
        CostPart("fee", "orders", None, 1, Cost.of(Split(fee_usd=Decimal(5)))),
        CostPart("fee", "jobs", None, 1, Cost.of(Split(), [NO_FEE])),
    ]  # fmt: skip
    whole = Cost.of(Split(Decimal(2), retry_usd=Decimal(3), fee_usd=Decimal(5)), [NO_FEE])

    found = spending.of_event(EventCost(whole, tuple(parts)))

    assert [(each.name, each.count, each.failed_count, each.shared) for each in found] == [
        ("orders", 1, 0, False), ("pay", 2, 1, True), ("jobs", 1, 0, False)
    ]  # fmt: skip
    assert [each.share for each in found] == [0.5, 0.5, None]
    assert spending.of_event(None) == ()


def test_charts_of_costs_write_their_own_ticks_and_amounts() -> None:
    """Millionths of a dollar, as people write them."""
    cost = Cost.of(Split(useful_usd=Decimal("0.0000021"), retry_usd=Decimal("0.0000009")))
    points = [CostPoint(MINUTE, cost, 3, 2), CostPoint(3 * MINUTE, Cost(None), 1, 1)]

    trend = cost_charts.trend(points, SPAN)
    each = [(point.time_ns, point.per_success_usd) for point in points]
    unit = cost_charts.unit([Units("one", each), Units("other", [(0, None)])], SPAN)

    assert [each["name"] for each in trend["data"]] == ["useful work", "retries"]
    assert trend["data"][0]["text"] == ["$0.0000021"]
    assert trend["layout"]["yaxis"]["ticktext"] == ["$0", "$0.000001", "$0.000002", "$0.000003"]
    assert (unit["data"][0]["x"], unit["data"][0]["text"]) == ([60_000], ["$1.50"])
    json.dumps([trend, unit])


def test_a_chart_of_nothing_is_empty() -> None:
    """No axis of made-up money."""
    assert cost_charts.trend([], SPAN)["data"] == []
    assert cost_charts.unit([Units("one", [(0, None)])], SPAN)["data"] == []


def test_the_file_adds_up_and_runs_nothing() -> None:
    """A name that a spreadsheet would take for a formula is text; unknown is empty."""
    rows = (_row("=cmd|' /C calc'!A0", "0.25"), _row("jobs", "0", NO_FEE, kind="queue"))
    total = CostRow("all", "all", "total", rows[0].cost + rows[1].cost, 20, 16)

    told = list(csv.DictReader(io.StringIO(
        cost_file.text_of(CostReport("function", rows, total))
    )))  # fmt: skip

    assert [each["name"] for each in told] == ["'=cmd|' /C calc'!A0", "jobs", "all"]
    assert [each["cost_usd"] for each in told] == ["0.25", "", "0.25"]
    assert [each["is_floor"] for each in told] == ["no", "yes", "yes"]
    assert told[0]["per_success_usd"] == "0.03125"


@pytest.mark.parametrize(
    ("span", "name"),
    [
        (Range("-24h"), "costs-by-day-24h.csv"),
        (Range("2026-11-01T00:00:00Z", "../../x\n"),
         "costs-by-day-2026-11-01T00-00-00Z-..-..-x.csv"),
    ],
)  # fmt: skip
def test_the_name_of_the_file_says_what_it_holds(span: Range, name: str) -> None:
    """And holds nothing but letters, digits, dots and dashes."""
    assert cost_file.name_of("day", span) == name
