"""A group of exports as one batch, also when the fast path gives up."""

from collections.abc import Sequence

import pytest

from collector.batch import Batch, Export, Outcome, Signal
from collector.decode.group import FAST_PATHS, decode_group
from collector.decode.limits import Limits
from collector.decode.reference import decode_reference
from collector.errors import Malformed
from tests.build import NOW_NS, export_request, resource, span
from tests.decode.compare import contents, together

LIMITS = Limits(max_attributes=8, correlation_attributes=())


class PanicException(BaseException):
    """Stands for a panic of ptars, of which none is known to provoke."""


def export(seq: int, name: str, service: str = "orders") -> Export:
    body = export_request(span(name), resource=resource(service__name=service))
    return Export(seq, Signal.TRACES, body.SerializeToString(), NOW_NS)


def test_rows_know_the_export_that_brought_them() -> None:
    """Each row has the number of its export; a resource of several is one row."""
    group = [export(7, "a"), export(9, "b", "other"), export(8, "c")]

    batch = decode_group(Signal.TRACES, group, LIMITS)

    assert batch.tables["spans"].select(["name", "export_seq"]).to_pylist() == [
        {"name": "a", "export_seq": 7},
        {"name": "b", "export_seq": 9},
        {"name": "c", "export_seq": 8},
    ]
    assert batch.tables["resources"].column("service").to_pylist() == ["orders", "other"]
    assert batch.outcomes == [Outcome(1, content_ns=NOW_NS)] * 3


def test_no_exports_are_an_empty_batch() -> None:
    """A group that lost all its members is no error."""
    assert decode_group(Signal.TRACES, [], LIMITS) == Batch({}, [])


@pytest.mark.parametrize("error", [PanicException, ValueError])
def test_what_breaks_the_fast_path_goes_through_the_reference(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A panic of the Rust library ends neither the process nor the other exports."""
    fast = FAST_PATHS[Signal.TRACES]

    def fragile(exports: Sequence[Export], limits: Limits) -> Batch:
        if any(b"poison" in each.body for each in exports):
            raise error
        return fast(exports, limits)

    monkeypatch.setitem(FAST_PATHS, Signal.TRACES, fragile)
    group = [export(1, "a"), export(2, "poison"), export(3, "b"), export(4, "c")]

    batch = decode_group(Signal.TRACES, group, LIMITS)

    assert contents(batch) == together([decode_reference(each, LIMITS) for each in group])


def test_an_interrupt_is_not_taken_for_a_panic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what PyO3 raises for a panic is caught below Exception."""

    def interrupted(_exports: Sequence[Export], _limits: Limits) -> Batch:
        raise KeyboardInterrupt

    monkeypatch.setitem(FAST_PATHS, Signal.TRACES, interrupted)

    with pytest.raises(KeyboardInterrupt):
        decode_group(Signal.TRACES, [export(1, "a")], LIMITS)


def test_malformed_exports_stand_in_their_places() -> None:
    """Outcomes are in the order of the exports, good and bad mixed."""
    bad = Export(2, Signal.TRACES, b"\xff", NOW_NS)

    batch = decode_group(Signal.TRACES, [bad, export(1, "a"), bad], LIMITS)

    assert [type(each) for each in batch.outcomes] == [Malformed, Outcome, Malformed]
