"""All scenarios by name, and how each is made from a seed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.stitching.damage import UNHARMED, Damage, damaged
from benchmarks.stitching.labels import Generated
from benchmarks.stitching.scenarios import batches, hops, identifiers, plots, retries, systems
from benchmarks.stitching.world import HOUR, SECOND, World

Fill = Callable[[World, int], None]
PLAIN: Final[dict[str, Fill]] = {
    **hops.SCENARIOS,
    **plots.SCENARIOS,
    **batches.SCENARIOS,
    **retries.SCENARIOS,
    **identifiers.SCENARIOS,
    **systems.SCENARIOS,
}


@dataclass(frozen=True, slots=True)
class _Mix:
    """Traffic of every plain scenario at once, with what goes wrong on top."""

    damage: Damage = UNHARMED
    skew_ns: int = 0


MIXED: Final[dict[str, _Mix]] = {
    "clocks off by 5 s": _Mix(skew_ns=5 * SECOND),
    "clocks off by 2 min": _Mix(skew_ns=60 * SECOND),  # two hosts: up to twice that apart
    "5 % of exports lost": _Mix(Damage(lost_exports=0.05)),
    "5 % of records lost": _Mix(Damage(lost_spans=0.05)),
    "out of order by minutes": _Mix(Damage(late_share=0.5)),
    "exports sent twice": _Mix(Damage(doubled=0.2)),
    "all at once": _Mix(Damage(late_share=0.3, doubled=0.05)),
    "all at once, damaged": _Mix(Damage(0.05, 0.01, 0.05, 0.3), 5 * SECOND),
}
NAMES: Final = (*PLAIN, *MIXED)
GAPS: Final[dict[str, Fill]] = identifiers.GAPS
"""What is known to be wrong: measured and shown, not part of the whole."""


def generate(name: str, seed: int, count: int, now_ns: int) -> Generated:
    """A scenario of about ``count`` business events that ends before ``now_ns``."""
    start_ns = now_ns - 14 * HOUR
    if plain := PLAIN.get(name) or GAPS.get(name):
        world = World(name, seed, start_ns)
        plain(world, count)
        return world.finish()
    mix = MIXED[name]
    parts: list[Generated] = []
    few = max(6, count // 6)
    for part, fill in PLAIN.items():
        world = World(f"{name}: {part}", seed, start_ns + len(parts) * SECOND, mix.skew_ns)
        fill(world, few)
        parts.append(world.finish())
    exports = sorted((e for part in parts for e in part.exports), key=lambda e: e.sent_ns)
    return damaged(Generated(name, exports), mix.damage, seed)
