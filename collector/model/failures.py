"""How many event traces of a function failed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failures:
    """Event traces a function has a part in that ended in an error or were given up."""

    error_count: int
    dead_lettered_count: int

    @property
    def count(self) -> int:
        return self.error_count + self.dead_lettered_count
