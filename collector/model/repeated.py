"""How often the work of a function or a flow was repeated, and whether its effects were too."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often a function itself handled the same message or request again (retries), and how
    often it succeeded at what it had succeeded at before (duplicates); ids of event traces.

    ``unsure_count``: duplicates in its event traces of which nothing tells whose they were.
    """

    retry_count: int = 0
    duplicate_count: int = 0
    unsure_count: int = 0
    retried_ids: tuple[str, ...] = ()
    duplicated_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepeatedWork:
    """Event traces through one function, or that began with one (``is_flow``).

    ``queues``: of their paths; of a function, those that its messages came from. Ids are
    of event traces: of the newest with duplicates, the newest with retries, and the slowest.
    """

    name: str
    is_flow: bool
    event_count: int
    ok_count: int
    retry_count: int
    duplicate_count: int
    duration_p95_ns: float | None
    duplicated_ids: tuple[str, ...]
    retried_ids: tuple[str, ...]
    slowest_ids: tuple[str, ...]
    functions: tuple[str, ...]
    queues: tuple[str, ...]
