"""The totals of a recording, as `expected.json` and the README show them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """Totals of one story; dictionaries are by function where not said otherwise."""

    events: int
    outcomes: Mapping[str, int]
    exports: Mapping[str, int]
    spans: int
    traces: int
    span_links: int
    log_records: int
    metric_points: int
    attempts: int
    attempts_by_function: Mapping[str, int]
    cold_starts_by_function: Mapping[str, int]
    errors_by_function: Mapping[str, int]
    timeouts_by_function: Mapping[str, int]
    attempts_without_span: int
    async_retries: int
    redeliveries: int
    largest_batch: int
    dead_letters: Mapping[str, int]
    given_up: int
    first_ns: int
    last_ns: int
