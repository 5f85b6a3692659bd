"""Sparklines, charts, spreads and hints of health are made from rows without a browser."""

import json

import pytest

from collector.model.event_list import StatusCount
from collector.model.health import (
    Bucket,
    Counts,
    FunctionDetail,
    FunctionHealth,
    HealthPoint,
    Quantiles,
    QueuePoint,
    VersionHealth,
)
from collector.model.window import Window
from web import formats, health_charts, spread
from web.health_charts import Span
from web.sizing import size_of
from web.sparks import HEIGHT, Grid, spark

MINUTE = 60_000_000_000
WINDOW = Window(0, 10 * MINUTE)
GRID = Grid(WINDOW, MINUTE)
SPAN = Span(WINDOW, MINUTE)


def _health(**more: object) -> FunctionHealth:
    known = {"provider": None, "platform": None, "region": None, "account_id": None,
             "counts": Counts(invocation_count=3200), "quantiles": Quantiles()}  # fmt: skip
    return FunctionHealth("payment", **(known | more))  # type: ignore[arg-type]


def _detail(durations: list[Bucket], cold: list[Bucket]) -> FunctionDetail:
    return FunctionDetail(_health(), None, (), MINUTE, (), (), tuple(durations), tuple(cold), ())


def test_a_sparkline_tells_zero_from_nothing() -> None:
    """Zero is a hairline, an unknown step a gap; the tallest fills the box."""
    drawn = spark([(0, 4.0), (MINUTE, 0.0), (2 * MINUTE, None), (9 * MINUTE, 2.0)], GRID)

    assert drawn.width == 10
    assert drawn.most == 4
    assert drawn.path == "M0 24V0M1 24V23.5M9 24V12"


def test_a_part_is_drawn_to_the_scale_of_the_whole() -> None:
    """Errors among invocations; a step without any draws none."""
    drawn = spark([(0, 8.0), (MINUTE, 8.0)], GRID, [(0, 2.0), (MINUTE, 0.0)])

    assert drawn.over == f"M0 {HEIGHT}V18"


def test_nothing_told_is_no_sparkline() -> None:
    """Its greatest value is unknown; steps outside of the range are left out."""
    assert spark([(0, None)], GRID).most is None
    assert spark([(20 * MINUTE, 1.0)], GRID).path == ""


def test_outcomes_are_stacked_and_ok_is_lowest() -> None:
    """An outcome that did not occur has no entry in the legend."""
    counts = [StatusCount(0, "error", 1), StatusCount(0, "ok", 5), StatusCount(MINUTE, "ok", 2)]
    figure = health_charts.outcomes(counts, WINDOW, MINUTE)

    assert [(each["name"], each["y"]) for each in figure["data"]] == [
        ("ok", [5, 2]),
        ("error", [1]),
    ]
    assert figure["layout"]["barmode"] == "stack"


def test_what_a_step_did_not_tell_is_not_drawn() -> None:
    """Throttles known in one step of two; concurrency never."""
    counts = Counts(invocation_count=4, error_count=1)
    series = [
        HealthPoint(0, counts, Quantiles(), throttle_count=7.0),
        HealthPoint(MINUTE, counts, Quantiles()),
    ]
    data = {each["name"]: each["y"] for each in health_charts.activity(series, SPAN)["data"]}

    assert data == {"ok": [3, 3], "errors": [1, 1], "throttles": [7.0]}


def test_starts_show_what_is_unknown_as_such() -> None:
    """All kinds add up to the invocations."""
    counts = Counts(invocation_count=10, cold_start_count=2, provisioned_count=1, warm_count=3)
    figure = health_charts.starts([HealthPoint(0, counts, Quantiles())], SPAN)

    assert {each["name"]: each["y"][0] for each in figure["data"]} == {
        "cold": 2, "provisioned": 1, "warm": 3, "unknown": 4,
    }  # fmt: skip


def test_new_versions_are_marked_and_the_first_is_not() -> None:
    """Their names are text; only the newest eight of many are marked."""
    versions = [
        VersionHealth(f"<b>{number}</b>", number * MINUTE, number * MINUTE, Counts(), Quantiles())
        for number in range(10)
    ]
    marks = health_charts.markers(versions, WINDOW)
    figure = health_charts.memory(
        [HealthPoint(0, Counts(), Quantiles(), memory_mb=512)], Span(WINDOW, MINUTE, marks)
    )

    assert len(marks) == 8
    assert figure["layout"]["annotations"][-1]["text"] == "&lt;b&gt;9&lt;/b&gt;"
    assert figure["layout"]["shapes"][-1]["x0"] == 9 * 60_000
    json.dumps(figure)


def test_ages_have_a_unit_that_suits_the_oldest() -> None:
    """Minutes here; a step without an age is a gap."""
    series = [QueuePoint(0, 1.0, 60.0, None, None), QueuePoint(MINUTE, None, None, 3.0, 1.0),
              QueuePoint(2 * MINUTE, 1.0, 600.0, None, None)]  # fmt: skip
    [line] = health_charts.ages(series, SPAN)["data"]

    assert line["y"] == [1.0, 10.0]
    assert [each["y"] for each in health_charts.traffic(series, SPAN)["data"]] == [[3.0], [1.0]]


def test_cold_starts_are_taken_out_of_all_durations() -> None:
    """Of the same bucket too; quantiles are each kind's own."""
    fast, slow = Bucket(100e6, 90), Bucket(1000e6, 10)
    detail = _detail([fast, slow], [Bucket(1000e6, 8)])
    cold, warm, inits = spread.parts(detail)

    assert (cold.count, cold.p50_ns) == (8, 1000e6)
    assert (warm.count, warm.p50_ns, warm.p99_ns) == (92, 100e6, 1000e6)
    assert (inits.count, inits.p50_ns) == (0, None)


def test_quantiles_lie_between_neighbours() -> None:
    """Of two durations the 95th percentile is close to the longer; of none it is unknown."""
    two = [Bucket(100.0, 1), Bucket(200.0, 1)]

    assert spread.quantile(two, 0.5) == 150
    assert spread.quantile(two, 0.95) == pytest.approx(195)
    assert spread.quantile([], 0.5) is None


def test_bars_of_the_spread_are_a_tenth_of_a_decade_without_gaps() -> None:
    """From 100 ms to a second there are eleven."""
    bars = spread.bars(_detail([Bucket(101e6, 90), Bucket(1010e6, 10)], [Bucket(1010e6, 8)]))

    assert len(bars) == 11
    assert (bars[0].warm, bars[0].cold, bars[-1].warm, bars[-1].cold) == (90, 0, 2, 8)
    assert spread.bars(_detail([], [])) == []
    assert health_charts.spread(bars)["layout"]["xaxis"]["fixedrange"] is True


@pytest.mark.parametrize(
    ("used", "limit", "tone", "suggested"),
    [(200, 1024, "", 256), (63, 512, "", 128), (300, 512, "ok", None), (490, 512, "bad", 640),
     (100, 128, "ok", None), (30, 128, "ok", None)],
)  # fmt: skip
def test_the_hint_leaves_a_quarter_to_spare(
    used: int, limit: int, tone: str, suggested: int | None
) -> None:
    """In steps of 64 MB and never below 128; what fits is left alone."""
    hint = size_of(_health(max_memory_used_mb=used, memory_mb=limit))

    assert (hint.tone, hint.suggested_mb) == (tone, suggested)
    assert "in 3,200 invocations" in hint.text


def test_running_out_of_memory_wants_more_whatever_was_told() -> None:
    """A killed invocation may not have told its last use."""
    counts = Counts(invocation_count=60, out_of_memory_count=2)
    hint = size_of(_health(counts=counts, max_memory_used_mb=200, memory_mb=512))

    assert (hint.tone, hint.suggested_mb) == ("bad", 576)
    assert "2 of which ran out of memory" in hint.text


def test_without_evidence_there_is_no_hint_but_a_reason() -> None:
    """Which of the two is missing."""
    assert "REPORT" in (size_of(_health(memory_mb=512)).reason or "")
    assert "faas.max_memory" in (size_of(_health(max_memory_used_mb=9)).reason or "")


@pytest.mark.parametrize(
    ("per_s", "text"),
    [(None, "unknown"), (0.0, "0 / s"), (12.34, "12.3 / s"), (0.2, "12 / min"), (0.001, "3.6 / h")],
)
def test_a_pace_has_the_unit_that_suits_it(per_s: float | None, text: str) -> None:
    """Three digits, and never a fraction where a longer unit will do."""
    assert formats.pace(per_s) == text


def test_memory_seconds_and_minutes_read_as_people_say_them() -> None:
    """None is unknown."""
    assert (formats.memory(512), formats.memory(None)) == ("512 MB", "unknown")
    assert (formats.seconds(7260.0), formats.seconds(None)) == ("2 h 1 min", "unknown")
    noon_ns = 1_795_186_800_000_000_000
    assert formats.minute(noon_ns, noon_ns + MINUTE) == "15:00"
    assert formats.minute(noon_ns, noon_ns + 1000 * MINUTE) == "2026-11-20 15:00"
