"""How far traces were joined in a window, by which evidence, and what joined nothing."""

from dataclasses import dataclass

from collector.model.events.gathering import REASONS
from collector.model.instrumentation import INFERRED
from collector.model.stitching.keys import EVIDENCE, Kind


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
    """A key that joined nothing; ``value`` None: too many hold it to have kept it."""

    kind: Kind
    value: str | None
    reason: str
    fragment_count: int
    first_ns: int
    last_ns: int

    @property
    def evidence(self) -> str:
        return EVIDENCE[self.kind]

    @property
    def why(self) -> str:
        """The reason as a sentence."""
        return REASONS.get(self.reason, self.reason)
