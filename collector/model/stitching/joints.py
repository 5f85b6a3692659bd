"""Stitches fragments into event traces: joints with their evidence, and the keys that join nothing.

The result is a function of the set of fragments and occurrences: neither order nor repetition of
them matters.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from collector.model.stitching.facts import Fragment, Ignored, Joint, Occurrence
from collector.model.stitching.rules import RULES, Rules


@dataclass(frozen=True, slots=True)
class Stitched:
    """What belongs together.

    ``event_of`` names the event trace of a fragment by the id of its earliest fragment; SHARED
    fragments are in it only when all deliveries of their batch are of one event. ``joints`` holds
    every tie found, the strongest of a pair first, also those below the threshold, which connect
    nothing. ``ignored`` has the keys judged here; those the caller gave verdicts for are not
    repeated.
    """

    joints: list[Joint] = field(default_factory=list)
    event_of: dict[Hashable, Hashable] = field(default_factory=dict)
    ignored: list[Ignored] = field(default_factory=list)

    def events(self) -> dict[Hashable, list[Hashable]]:
        """The fragments of each event trace, ordered."""
        members: dict[Hashable, list[Hashable]] = {}
        for fragment_id in sorted(self.event_of):  # type: ignore[type-var]
            members.setdefault(self.event_of[fragment_id], []).append(fragment_id)
        return members


def stitch(
    fragments: Iterable[Fragment],
    occurrences: Iterable[Occurrence],
    *,
    verdicts: Mapping[Hashable, str] | None = None,
    rules: Rules = RULES,
) -> Stitched:
    """Event traces of these fragments.

    ``verdicts``: reasons found earlier for keys whose groups are not given whole. A key with the
    verdict hub, worthless or constant joins nothing; with tenants it joins only within a tenant;
    with contradicted only parts that do not name another value of its family first. Give no
    verdict for a key whose whole group is given: it is judged anew.
    """
    raise NotImplementedError
