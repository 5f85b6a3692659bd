"""The rules of stitching on labelled scenarios: a small run of what `make bench` measures."""

import pytest

from benchmarks.stitching import on_core
from benchmarks.stitching.accuracy import Run, scores, total
from benchmarks.stitching.catalogue import NAMES
from tests.build import NOW_NS


@pytest.mark.timeout(120)
def test_event_traces_of_labelled_scenarios_are_right() -> None:
    """Of all events of all scenarios 99.5 % are one event trace exactly, and joins are right."""
    found = dict(scores(Run(NAMES, (1,), 10, NOW_NS), on_core.answer))
    whole = total(found.values())
    faults = [fault for each in found.values() for fault in (*each.wrong, *each.missing)]

    assert whole.exact_share >= 0.995, faults
    assert whole.precision >= 0.999, faults
