"""The right-sizing hint: what the memory of a function could be, with the evidence."""

from dataclasses import dataclass
from typing import Final

from collector.model.costs.sizing import STEP_MB, needed_mb
from collector.model.health import FunctionHealth
from web import formats

_FEWEST: Final = 50  # invocations, below which the most used says little
_TIGHT: Final = 0.1
_WIDE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Hint:
    """``tone``: "bad" too little, "ok" fits, "" more than needed; ``reason``: why none is given."""

    text: str
    tone: str = ""
    suggested_mb: int | None = None
    reason: str | None = None


def size_of(health: FunctionHealth) -> Hint:
    """What the memory used in the window says about the memory set."""
    used, limit, count = health.max_memory_used_mb, health.memory_mb, health.counts.invocation_count
    if used is None or not limit:
        return Hint("", reason=_missing(health))
    told = (
        f"At most {formats.memory(used)} of {formats.memory(limit)} were used"
        f" in {formats.plural(count, 'invocation')}"
    )
    wanted = needed_mb(used)
    if health.counts.out_of_memory_count or 1 - used / limit < _TIGHT:
        ran_out = health.counts.out_of_memory_count
        how = f", {formats.count(ran_out)} of which ran out of memory" if ran_out else ""
        more = max(wanted, limit + STEP_MB)
        return Hint(f"{told}{how}: ~{formats.memory(more)} would leave room.", "bad", more)
    if 1 - used / limit < _WIDE or wanted >= limit:
        return Hint(f"{told}: the size fits.", "ok")
    caution = "; a short time to judge by" if count < _FEWEST else ""
    return Hint(
        f"{told}: ~{formats.memory(wanted)} would do, with a quarter to spare{caution}."
        " Less memory is also less CPU: watch p95.",
        "",
        wanted,
    )


def _missing(health: FunctionHealth) -> str:
    if health.max_memory_used_mb is None:
        return "memory used is told by the platform's REPORT lines, and none came in this range"
    return "no REPORT line and no resource attribute (faas.max_memory) tells the memory set"
