"""How far traces were joined in a window, by which evidence, and what joined nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from collector.model.events.gathering import REASONS
from collector.model.instrumentation import INFERRED
from collector.model.stitching.keys import EVIDENCE, Kind

REASON_ORDER: Final = ("worthless", "hub", "constant", "tenants", "contradicted", "ambiguous")
"""Reasons to ignore a key: what somebody should look into first, what is ordinary last."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Event traces of a window: how many consist of several traces, how many hold by inference."""

    event_count: int
    joined_event_count: int
    trace_count: int
    joined_trace_count: int
    most_traces: int
    inferred_event_count: int


@dataclass(frozen=True, slots=True)
class EvidenceCount:
    """Joints of one kind, and the event traces that have one of them."""

    kind: Kind
    joint_count: int
    event_count: int

    @property
    def evidence(self) -> str:
        return EVIDENCE[self.kind]

    @property
    def is_exact(self) -> bool:
        return self.kind not in INFERRED


@dataclass(frozen=True, slots=True)
class IgnoredValue:
    """A key that joined nothing; ``value`` None: too many hold it to have kept it.

    ``alike_count``: how many keys are ignored for this reason, this one among them.
    """

    kind: Kind
    value: str | None
    reason: str
    fragment_count: int
    first_ns: int
    last_ns: int
    alike_count: int = 1

    @property
    def evidence(self) -> str:
        return EVIDENCE[self.kind]

    @property
    def why(self) -> str:
        """The reason as a sentence."""
        return REASONS.get(self.reason, self.reason)


@dataclass(frozen=True, slots=True)
class IgnoredGroup:
    """Keys ignored for one reason: the ``values`` most hold, ``count`` of them in all."""

    reason: str
    count: int
    values: tuple[IgnoredValue, ...]

    @property
    def why(self) -> str:
        """The reason as a sentence."""
        return REASONS.get(self.reason, self.reason)


def ignored_groups(values: Iterable[IgnoredValue]) -> list[IgnoredGroup]:
    """Ignored keys by reason, in :data:`REASON_ORDER`; unheard-of reasons stand last."""
    found: dict[str, list[IgnoredValue]] = {}
    for value in values:
        found.setdefault(value.reason, []).append(value)
    place = {reason: number for number, reason in enumerate(REASON_ORDER)}
    return [
        IgnoredGroup(reason, found[reason][0].alike_count, tuple(found[reason]))
        for reason in sorted(found, key=lambda each: (place.get(each, len(place)), each))
    ]
