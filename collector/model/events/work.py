"""One delivery of an event: what a function did about one message, and what that is known from."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from collector.model.events.invocations import Invocation
from collector.model.events.pieces import Piece
from collector.model.events.platform_records import LoggedAttempt
from collector.model.stitching.keys import Outcome

SAME_ATTEMPT_NS: Final = 5_000_000_000
"""Platform records have milliseconds, and the span begins after what the runtime does first."""


@dataclass(frozen=True)
class Work:
    """One delivery and what it is known from; ``own`` are the spans that are its alone.

    ``fragments``: the first names the delivery. ``number``: the attempt the telemetry states, 0 for
    none. ``outcome``: as in :class:`~collector.model.stitching.keys.Outcome`.
    """

    fragments: tuple[str, ...]
    function: str | None
    invocation: Invocation | None
    own: tuple[Piece, ...]
    start_ns: int
    end_ns: int | None
    outcome: Outcome
    queue: str | None = None
    message_id: str | None = None
    number: int = 0
    dead_letter: bool = False
    batch_size: int | None = None
    logged: LoggedAttempt | None = None

    @cached_property
    def top(self) -> Piece | None:
        """The span that is all its own, where there is one."""
        root = self.invocation.root if self.invocation else None
        if root and any(each is root for each in self.own):
            return root
        inside = {each.id for each in self.own}
        return next((each for each in self.own if each.parent_id not in inside), None)

    @cached_property
    def delivery_id(self) -> str:
        """The same as long as its first span is: its fragment and that span."""
        if self.top:
            return f"{self.fragments[0]}-{self.top.span.span_id}"
        if self.invocation is None:
            return f"{self.fragments[0]}-{self.start_ns:x}"
        return self.fragments[0]

    @cached_property
    def begun_ns(self) -> int:
        """When its invocation began, by the platform; its own part of a batch may begin later."""
        begun_ns = self.start_ns
        if self.invocation:
            begun_ns = min(begun_ns, self.invocation.start_ns)
        if self.logged and 0 < begun_ns - self.logged.start_ns <= SAME_ATTEMPT_NS:
            begun_ns = self.logged.start_ns
        return begun_ns

    @cached_property
    def over_ns(self) -> int:
        """End of all that is known of it."""
        ends = [each.span.end_ns for each in self.own]
        return max([self.end_ns or self.start_ns, self.start_ns, *ends])

    @property
    def spent_ns(self) -> int:
        """When its invocation was over, for the whole of its batch: then it may be tried again."""
        ends = [self.over_ns]
        if self.logged:
            ends += [self.logged.end_ns, self.logged.last_ns]
        if self.invocation and self.invocation.end_ns is not None and self.batch_size:
            ends.append(self.invocation.end_ns)
        return max(ends)

    @property
    def invocation_id(self) -> str | None:
        known = self.invocation.invocation_id if self.invocation else None
        return known or (self.logged.invocation_id if self.logged else None)

    @property
    def cold_start(self) -> bool | None:
        known = self.invocation.cold_start if self.invocation else None
        told = self.logged.cold_start if self.logged else None
        return known or told if known is not None or told is not None else None

    @property
    def init_ns(self) -> int | None:
        """Length of its initialisation."""
        if self.logged and self.logged.init_ns is not None:
            return self.logged.init_ns
        init = self.invocation.init if self.invocation else None
        return max(0, init.span.duration_ns or 0) if init else None

    @property
    def order(self) -> tuple[int, str]:
        return (self.start_ns, self.delivery_id)
