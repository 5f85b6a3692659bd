"""What decoding is told by the settings: bounds on records, and the user's own attribute names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds and names that decoding keeps to.

    ``max_attributes`` bounds each attribute list of a record (its events' and links' too);
    ``correlation_attributes`` are attribute names that hold a correlation id, best first.
    """

    max_attributes: int = 1024
    correlation_attributes: tuple[str, ...] = ()
