"""Figures of costs over time: where the money went, and what a success or an event trace cost.

Amounts may be millionths of a dollar, which no axis writes well by itself: its ticks are made here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10
from typing import Any, Final

from collector.model.cost import CostPoint
from web import formats, spending
from web.charts import Figure
from web.health_charts import Span, time_bars, time_layout

_TICKS: Final = 4
_MILLION: Final = 1_000_000
_NS_PER_MS: Final = 1_000_000
_COLOURS: Final = ("var(--accent)", "var(--fn-1)")


def trend(points: Sequence[CostPoint], span: Span) -> Figure:
    """What each step cost, stacked by where it went."""
    data = []
    for kind in spending.KINDS:
        told = [(point.time_ns, usd) for point in points
                if (usd := getattr(point.cost.split, kind.field))]  # fmt: skip
        if told:
            times, amounts = [at for at, _ in told], [usd for _, usd in told]
            made = time_bars(
                kind.name, times, [float(usd) for usd in amounts], span.step_ns,
                f"var({kind.colour})",
            )  # fmt: skip
            data.append(_said(made, amounts))
    most = max((float(point.cost.usd) for point in points if point.cost.usd), default=0.0)
    # What the colours are is listed beside it, with amounts.
    return {"data": data, "layout": _wide(time_layout(span, money_axis(most), legend=False))}


@dataclass(frozen=True, slots=True)
class Units:
    """What one of something cost in each step of time; None: there were none."""

    name: str
    points: Sequence[tuple[int, Decimal | None]]


def unit(lines: Sequence[Units], span: Span) -> Figure:
    """What a million of each cost over time; a step without any is a gap."""
    data, most = [], 0.0
    for line, colour in zip(lines, _COLOURS, strict=False):
        told = [(time_ns, usd * _MILLION) for time_ns, usd in line.points if usd is not None]
        amounts = [usd for _, usd in told]
        if told:
            made = {
                "type": "scatter",
                "mode": "lines+markers",
                "name": line.name,
                "x": [time_ns // _NS_PER_MS for time_ns, _ in told],
                "y": [float(usd) for usd in amounts],
                "line": {"color": colour, "width": 1.75},
                "marker": {"size": 4, "color": colour},
            }
            data.append(_said(made, amounts))
            most = max(most, float(max(amounts)))
    axis = money_axis(most)
    return {"data": data, "layout": _wide(time_layout(span, axis, legend=len(data) > 1))}


def _wide(layout: Figure) -> Figure:
    """With room for amounts of many digits."""
    layout["margin"] |= {"l": 80}
    return layout


def money_axis(most: float) -> dict[str, Any]:
    """From 0 to a little over ``most`` dollars, a tick at each round amount."""
    if most <= 0:
        return {"rangemode": "tozero"}
    rough = most / _TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= rough * 0.999)
    ticks = [step * n for n in range(_TICKS + 2) if step * n <= most * 1.1]
    return {
        "range": [0, most * 1.06],
        "tickvals": ticks,
        "ticktext": [formats.money(Decimal(f"{tick:.6g}")) for tick in ticks],
    }


def _said(trace: Figure, usd: Sequence[Decimal]) -> Figure:
    """With amounts as people write them where the pointer rests."""
    name = trace["name"]
    return trace | {
        "text": [formats.money(each) for each in usd],
        "textposition": "none",
        "hovertemplate": f"%{{text}} {name}<extra></extra>",
    }
