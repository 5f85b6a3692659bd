"""Alerts on the pages of what they are about: those that fire, and where on which chart they did.

A chart is shaded while a rule on what it draws fired, and has the rule's threshold as a line where
both have one unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from math import log10
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.alerts.book import read_book
from collector.alerts.metrics import metric_of
from collector.alerts.rules import Rule
from collector.alerts.standing import Standing, standing_of
from collector.model.alert import FIRING, PENDING
from collector.model.window import Window
from collector.store.alerts import list_changes
from web.alert_lanes import Lane, lanes
from web.charts import Figure
from web.rule_words import condition
from web.tiles import Tile

_NS_PER_MS: Final = 1_000_000
_MOST_CHANGES: Final = 500
_MOST_SHADES: Final = 40
_MOST_LINES: Final = 2
_MARGIN: Final = 0.1  # of a power of ten, around a threshold
_WEIGHT: Final = {"critical": 0, "warning": 1, "info": 2}

# Which chart draws what a metric is about, and what a threshold has to be divided by to be on it;
# None: its axis has another unit.
CHARTS: Final[Mapping[str, Mapping[str, float | None]]] = {
    "activity": dict.fromkeys(
        ("error_rate", "errors", "timeouts", "out_of_memory", "throttles", "throttle_rate",
         "invocations", "concurrency_share", "retries", "duplicates"),
    ) | {"concurrency": 1},
    "durations": {
        "duration_p50_ms": 1e3, "duration_p95_ms": 1e3, "duration_p99_ms": 1e3, "init_p95_ms": 1e3,
    },
    "starts": {"cold_start_rate": None},
    "memory": {"memory_headroom": None},
    "depth": {"queue_depth": 1, "dlq_depth": 1},
    "ages": {"queue_age_s": 1, "dlq_age_s": 1, "dlq_age_since_first_sent_s": None},
}  # fmt: skip

# Which metrics of rules a tile of the Overview shows.
_TILES: Final = {
    "Cold-start rate": ("cold_start_rate",),
    "Throttles": ("throttles", "throttle_rate"),
    "DLQ age": ("dlq_age_s", "dlq_age_since_first_sent_s", "dlq_depth"),
    "Cost": (
        "cost_projected_month_usd",
        "cost_per_day_usd",
        "cost_per_success_usd",
        "budget_projected",
    ),
}


@dataclass(frozen=True, slots=True)
class Marks:
    """Of one function or queue: ``standing`` are its alerts that fire or are pending, ``rules``
    those that watch it, ``lanes`` when its alerts fired in the window."""

    standing: Sequence[Standing]
    rules: Sequence[Rule]
    lanes: Sequence[Lane]

    def times_within(self, window: Window) -> list[int]:
        """When alerts began to fire and ended, as far as a window has it: its charts show that."""
        bars = [bar for lane in self.lanes for bar in lane.bars if bar.state == FIRING]
        ends = [end for bar in bars for end in (bar.since_ns, bar.until_ns or window.until_ns)]
        return [min(max(each, window.since_ns), window.until_ns - 1) for each in ends]


def read_marks(
    cursor: Cursor, of_files: Sequence[Rule], kind: str, name: str, window: Window
) -> Marks:
    """The alerts of one function or queue (``kind``) in a window."""
    book = read_book(cursor, of_files)
    rules = [each for each in book.rules.values() if each.enabled and watches(each, kind, name)]
    ids = {each.id for each in rules}
    standing = [
        each
        for each in standing_of(book, cursor)
        if each.rule.id in ids
        and each.state.group == name
        and each.state.state in (FIRING, PENDING)
    ]
    changes = [
        each
        for each in list_changes(cursor, window, group=name, limit=_MOST_CHANGES)
        if metric_of(each.metric).kind == kind
    ]
    return Marks(standing, rules, lanes(changes, standing, window))


def watches(rule: Rule, kind: str, name: str) -> bool:
    """Whether a rule makes an alert of its own for a function or queue."""
    glob = rule.scope.function if kind == "function" else rule.scope.queue
    return metric_of(rule.metric).kind == kind and glob is not None and fnmatchcase(name, glob)


def mark(figure: Figure, chart: str, marks: Marks, divisor: float = 1) -> Figure:
    """The figure with shades where an alert fired, and thresholds as lines; in place.

    ``divisor``: what the values of its axis were divided by, beyond what the chart always does.
    """
    drawn = CHARTS[chart]
    bars = [bar for lane in marks.lanes if lane.metric in drawn for bar in lane.bars]
    since, until = figure["layout"]["xaxis"]["range"]
    shades = [
        _shade(max(bar.since_ns // _NS_PER_MS, since),
               until if bar.until_ns is None else min(bar.until_ns // _NS_PER_MS, until))
        for bar in bars
        if bar.state == FIRING
    ]  # fmt: skip
    shown = [each for each in shades if each["x0"] < each["x1"]][:_MOST_SHADES]
    figure["layout"]["shapes"] = [*figure["layout"].get("shapes", ()), *shown]
    with_line = [rule for rule in marks.rules if drawn.get(rule.metric) is not None]
    for rule in sorted(with_line, key=lambda each: _WEIGHT[each.severity])[:_MOST_LINES]:
        value = rule.threshold / (drawn[rule.metric] or 1) / divisor
        if _reached(figure["layout"]["yaxis"], value):
            figure["data"].append(_line(rule, value, since, until))
    return figure


def _reached(axis: dict[str, Any], value: float) -> bool:
    """Makes an axis of powers of ten hold a value; False where it has no place on it."""
    if axis.get("type") != "log":
        return True
    if value <= 0:
        return False
    low, high = axis["range"]
    axis["range"] = [min(low, log10(value) - _MARGIN), max(high, log10(value) + _MARGIN)]
    return True


def on_tiles(tiles: Sequence[Tile], watching: Sequence[Rule]) -> list[Tile]:
    """Tiles of the Overview, each with when the first of the rules on what it shows alerts."""
    made = []
    for tile in tiles:
        metrics = _TILES.get(tile.label, ())
        rules = [each for each in watching if each.enabled and each.metric in metrics]
        rules.sort(key=lambda each: (metrics.index(each.metric), _WEIGHT[each.severity]))
        said = f"alerts {condition(rules[0])}" if rules else None
        title = metric_of(rules[0].metric).title if rules else ""
        if said and title.lower() != tile.label.lower():
            said = f"{said} ({title[:1].lower() + title[1:]})"
        made.append(replace(tile, threshold=said))
    return made


def _shade(since_ms: int, until_ms: int) -> dict[str, Any]:
    return {
        "type": "rect", "x0": since_ms, "x1": until_ms, "yref": "paper", "y0": 0, "y1": 1,
        "fillcolor": "var(--bad)", "opacity": 0.12, "line": {"width": 0}, "layer": "below",
    }  # fmt: skip


def _line(rule: Rule, value: float, since_ms: int, until_ms: int) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"alert {condition(rule)}",
        "x": [since_ms, until_ms],
        "y": [value, value],
        "hoverinfo": "skip",
        "line": {"color": "var(--bad)", "width": 1.25, "dash": "dash"},
    }
