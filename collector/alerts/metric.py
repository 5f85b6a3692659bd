"""What a metric is to a rule: where it comes from, what it counts in, and a good default."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from collector.model.durations import duration, three_digits

RATIO: Final = "ratio"
COUNT: Final = "count"
MILLISECONDS: Final = "ms"
SECONDS: Final = "s"
USD: Final = "usd"
TIMES: Final = "times"

SHARE: Final = "share"
AMOUNT: Final = "amount"
LEVEL: Final = "level"
ABSENCE: Final = "absence"

Read = Callable[[Any], float | None]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that rules watch.

    ``source`` names the question that gives the subjects (``sources.py``), ``read`` takes the value
    off a subject and ``count`` how many observations it rests on (None: that means nothing here).
    ``kind``: function, queue or flow, which is what a scope selects. ``together``: how the values
    of all make one where a rule has no scope: read off the ``whole`` (which ``whole_source`` gives
    where it is not the source), ``sum``, ``max`` or ``min``.
    ``comparison`` to ``no_data`` are good defaults. ``needs_owner``: a rule without one is refused.
    ``countable``: it is made of counts alone, which are there by minute, so that many windows can
    be read at once. ``nature`` says what a time in which the collector did not run does to it: a
    ``share`` (rates, percentiles) stays true, an ``amount`` is too small, a ``level`` is what was
    last told, and an ``absence`` grows although nothing has stopped.
    """

    name: str
    title: str
    unit: str
    kind: str
    source: str
    read: Read
    description: str
    comparison: str
    threshold: float
    window: str
    for_: str = "0s"
    together: str = "whole"
    count: Callable[[Any], int | None] = lambda _: None
    no_data: str = "ok"
    whole_source: str | None = None
    countable: bool = False
    needs_owner: bool = False
    nature: str = SHARE

    def text(self, value: float | None) -> str:
        """A value as a person reads it, with its unit."""
        return value_text(value, self.unit)


def value_text(value: float | None, unit: str) -> str:
    """A number with its unit: ``5 %``, ``1.2 s``, ``3``, ``$ 0.42``, ``unknown``."""
    if value is None:
        return "unknown"
    match unit:
        case "ratio":
            return f"{three_digits(value * 100)} %"
        case "ms":
            return duration(value * 1e6)
        case "s":
            return duration(value * 1e9)
        case "usd":
            return f"$ {value:.2f}" if value >= 0.01 or value == 0 else f"$ {value:.2g}"
        case "times":
            return f"{three_digits(value)} times"
        case _:
            return three_digits(value)
