"""What happens to exports on their way: lost, doubled, late; single spans that never arrive."""

import random
from dataclasses import dataclass
from typing import Final

from benchmarks.stitching.labels import Export, Generated
from benchmarks.stitching.world import MINUTE, SECOND


@dataclass(frozen=True, slots=True)
class Damage:
    """Shares of exports and spans, and by how much exports may be late."""

    lost_exports: float = 0
    lost_spans: float = 0
    doubled: float = 0
    late_share: float = 0
    latest_ns: int = 5 * MINUTE


UNHARMED: Final = Damage()


def damaged(generated: Generated, damage: Damage, seed: int) -> Generated:
    """The traffic after it; what is lost is in no export any more."""
    rnd = random.Random(f"damage/{generated.scenario}/{seed}")
    kept: list[Export] = []
    for export in generated.exports:
        if rnd.random() < damage.lost_exports:
            continue
        items = [item for item in export.items if rnd.random() >= damage.lost_spans]
        if not items:
            continue
        sent_ns = export.sent_ns
        if rnd.random() < damage.late_share:
            sent_ns += rnd.randrange(damage.latest_ns)
        kept.append(Export(export.signal, export.resource, export.scope, items, sent_ns))
        if rnd.random() < damage.doubled:
            again_ns = sent_ns + rnd.randrange(1, 60) * SECOND
            kept.append(Export(export.signal, export.resource, export.scope, items, again_ns))
    kept.sort(key=lambda export: export.sent_ns)
    return Generated(generated.scenario, kept, generated.note)
