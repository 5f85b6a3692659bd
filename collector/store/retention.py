"""Deletes the oldest telemetry, by age and by size of the store."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retention:
    """How long and how much telemetry is kept."""

    max_age_ns: int
    max_bytes: int
