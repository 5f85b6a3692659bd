"""A flow: the event traces that began with one function, or that took one path."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """How event traces of one flow ended that began in a window.

    ``shape_id`` and ``path`` are of a flow that is one path. ``open_count`` are those of which more
    may come; they are in ``event_count`` and in no other figure.
    """

    root_function: str | None
    shape_id: str | None
    path: tuple[str, ...]
    event_count: int
    ok_count: int = 0
    error_count: int = 0
    dead_lettered_count: int = 0
    open_count: int = 0
    duration_p95_ns: float | None = None
    last_ns: int = 0

    @property
    def ended_count(self) -> int:
        """Event traces of which it is known how they ended."""
        return self.ok_count + self.error_count + self.dead_lettered_count

    @property
    def success_rate(self) -> float | None:
        """Those that ended well of those that ended; None when none did."""
        return self.ok_count / self.ended_count if self.ended_count else None


@dataclass(frozen=True, slots=True)
class Flows:
    """Flows by the function they begin with, by path, and all together (None: there are none)."""

    roots: tuple[FlowFigures, ...]
    shapes: tuple[FlowFigures, ...]
    whole: FlowFigures | None
