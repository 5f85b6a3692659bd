"""The tiles of the Overview: a figure, how it was before, a sparkline, and the page behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from collector.model.cost import CostPoint, CostReport
from collector.model.event_list import StatusCount
from collector.model.health import Counts, Overview, QueueHealth
from collector.model.window import Window
from web import cost_urls, formats, spending, urls
from web.concerns import dead_letter_age_s, holds_dead_letters
from web.sparks import Grid, Spark, of_health, spark
from web.urls import FunctionQuery, Range


@dataclass(frozen=True, slots=True)
class Tile:
    """``value`` None is unknown, and ``reason`` says why. ``exact`` is shown on hover.

    ``details`` stand below the figure; ``before``: how it was in the period before, None where
    that is not known. ``drawn`` says what the sparkline shows, ``threshold`` when a rule alerts.
    """

    label: str
    symbol: str
    url: str
    value: str | None
    exact: str
    reason: str
    details: tuple[str, ...]
    before: str | None
    tone: Literal["", "bad", "ok"]
    spark: Spark | None
    drawn: str
    threshold: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLettered:
    """Event traces that ended in a dead-letter queue: how many began in each step, and when the
    first of them was sent; None: none did.
    """

    counts: Sequence[StatusCount]
    first_sent_ns: int | None

    @property
    def count(self) -> int:
        return sum(each.count for each in self.counts)


def tiles(
    overview: Overview,
    queues: Sequence[QueueHealth],
    queues_before: Sequence[QueueHealth],
    dead: DeadLettered,
    window: Window,
    span: Range,
) -> list[Tile]:
    """The first three, in the order of the page; :func:`cost` is the fourth."""
    grid = Grid(window, overview.step_ns)
    return [
        _cold_starts(overview, grid, span),
        _throttles(overview, grid, span),
        _dead_letters(queues, queues_before, dead, grid, span),
    ]


def _cold_starts(overview: Overview, grid: Grid, span: Range) -> Tile:
    now, earlier = overview.counts, overview.before
    rate, was = now.cold_start_rate, earlier.cold_start_rate
    known = formats.plural(now.known_start_count, "start")
    return Tile(
        label="Cold-start rate",
        symbol="cold",
        url=urls.functions(span, FunctionQuery(sort="cold")),
        value=None if rate is None else formats.ratio(rate),
        exact=f"{now.cold_start_count:,} of {now.known_start_count:,} starts that are known",
        reason=_why_no_starts(now),
        details=(f"known of {formats.ratio(now.cold_start_coverage)}: {known}",)
        if rate is not None
        else (),
        before=_compared(rate, was, formats.ratio(was)),
        tone="",
        spark=of_health(
            overview.series, grid, lambda p: p.counts.known_start_count or None,
            lambda p: p.counts.cold_start_count,
        ),
        drawn="starts whose kind is known, cold ones in front",
    )  # fmt: skip


def _why_no_starts(counts: Counts) -> str:
    if not counts.invocation_count:
        return "no function was invoked in this range"
    return (
        "no start is known to be cold or warm: send the platform's REPORT lines, or spans with"
        " faas.coldstart"
    )


def _throttles(overview: Overview, grid: Grid, span: Range) -> Tile:
    count, was = overview.throttle_count, overview.throttle_count_before
    throttled = [each for each in overview.functions if each.throttle_count]
    telling = sum(each.throttle_count is not None for each in overview.functions)
    details = [f"told by {formats.plural(telling, 'function')} of {len(overview.functions):,}"]
    if throttled:
        worst = max(throttled, key=lambda each: each.throttle_count or 0)
        details.insert(0, f"most: {worst.name[:60]}, {formats.ratio(worst.throttle_rate)}")
    return Tile(
        label="Throttles",
        symbol="throttle",
        url=urls.functions(span, FunctionQuery(sort="throttles")),
        value=None if count is None else formats.count(count),
        exact=formats.exact(count, "calls"),
        reason="no metric of the platform and no caller's span told of a throttle in this range",
        details=tuple(details) if count is not None else (),
        before=_compared(count, was, formats.count(was)),
        tone="bad" if count else "ok" if count == 0 else "",
        spark=of_health(overview.series, grid, lambda p: p.throttle_count),
        drawn="throttled calls",
    )


def _dead_letters(
    queues: Sequence[QueueHealth],
    queues_before: Sequence[QueueHealth],
    dead: DeadLettered,
    grid: Grid,
    span: Range,
) -> Tile:
    held = [each for each in queues if holds_dead_letters(each)]
    oldest = max(held, key=lambda each: dead_letter_age_s(each) or 0, default=None)
    entered_s, sent_s = _ages(held, dead, grid.window)
    age_s = entered_s if entered_s is not None else sent_s
    was_s = _most(dead_letter_age_s(each) for each in queues_before if holds_dead_letters(each))
    known = any(each.is_dlq and each.depth is not None for each in queues)
    events = [(each.step_ns, float(each.count)) for each in dead.counts]
    return Tile(
        label="DLQ age",
        symbol="dead",
        url=urls.queue(oldest.name, span) if oldest and len(held) == 1 else urls.queues(span),
        value=formats.seconds(age_s) if age_s is not None else "empty" if known else None,
        exact=formats.exact(age_s, "s"),
        reason="no dead-letter queue and no event trace that ended in one told of itself",
        details=tuple(_dead_letter_details(held, entered_s, sent_s, dead.count)),
        before=_compared(age_s, was_s, formats.seconds(was_s)),
        tone="bad" if held or dead.count else "ok" if known else "",
        spark=spark(_in_steps(events, grid), grid),
        drawn="event traces that ended in a dead-letter queue",
    )


def _ages(
    held: Sequence[QueueHealth], dead: DeadLettered, window: Window
) -> tuple[float | None, float | None]:
    """The greatest age since entering a dead-letter queue, and since first being sent."""
    sent_s = _most(each.oldest_age_since_first_sent_s for each in held)
    if sent_s is None and dead.first_sent_ns is not None:
        sent_s = (window.until_ns - dead.first_sent_ns) / 1e9
    return _most(each.oldest_age_s for each in held), sent_s


def _dead_letter_details(
    held: Sequence[QueueHealth], entered_s: float | None, sent_s: float | None, ended: int
) -> Iterable[str]:
    if entered_s is None and sent_s is not None:
        yield "since first sent; since given up: unknown"
    elif sent_s is not None:
        yield f"first sent {formats.seconds(sent_s)} ago"
    if held:
        depth = [each.depth for each in held if each.depth is not None]
        count = formats.plural(int(sum(depth)), "message") if depth else "messages"
        yield f"{count} in {formats.plural(len(held), 'queue')}"
    elif ended:
        yield f"{formats.plural(ended, 'event trace')} ended in one"


def cost(report: CostReport, series: Sequence[CostPoint], grid: Grid, span: Range) -> Tile:
    """What everything cost; it is read apart from the others."""
    found = report.total.cost
    wasted = spending.waste(found)
    details = []
    if wasted:
        details.append(f"{formats.ratio(wasted)} of it not useful work")
    if report.total.per_success_usd is not None:
        details.append(f"{formats.per_million(report.total.per_success_usd)} per million successes")
    sign = "≥ " if found.is_floor else "~" if found.assumptions else ""
    was_usd = report.before_usd
    return Tile(
        label="Cost",
        symbol="costs",
        url=cost_urls.costs(span),
        value=f"{sign}{formats.money(found.usd)}" if found.is_told else None,
        exact=f"{formats.exact_money(found.usd)} at list prices; "
        f"{formats.plural(len(found.assumptions), 'assumption')}, told on Costs",
        reason="nothing in this range told what was billed",
        details=tuple(details),
        before=_compared(_number(found.usd), _number(was_usd), formats.money(was_usd)),
        tone="",
        spark=spark(
            [(point.time_ns, _number(point.cost.usd)) for point in series],
            grid,
            [(point.time_ns, float(point.cost.split.wasted_usd)) for point in series],
        ),
        drawn="cost over time, what was not useful work in front",
    )


def _number(usd: Decimal | None) -> float | None:
    return None if usd is None else float(usd)


def _in_steps(values: Sequence[tuple[int, float]], grid: Grid) -> list[tuple[int, float | None]]:
    """What began within each step of the grid, added up."""
    sums: dict[int, float] = {}
    for time_ns, value in values:
        step = time_ns // grid.step_ns * grid.step_ns
        sums[step] = sums.get(step, 0) + value
    return [(step, sums[step]) for step in sorted(sums)]


def _most(values: Iterable[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return max(known, default=None)


def _compared(now: float | None, was: float | None, text: str) -> str | None:
    """How a figure was in the period before, in words."""
    if was is None or now is None:
        return None
    if formats.number(now) == formats.number(was):
        return "as before"
    return f"{'up' if now > was else 'down'} from {text}"
