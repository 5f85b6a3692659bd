"""Exports with hundreds of correlation keys."""

from collector.batch import Export, Signal
from collector.decode.group import decode_group
from collector.decode.limits import Limits
from tests.build import NOW_NS, export_request, span


def test_hundreds_of_keys_in_one_export_are_kept() -> None:
    """More keys than a byte counts, beside one that is said once a record."""
    spans = [
        span(attributes={"order_id": f"ord-{number}", "tenant.id": "acme", "faas.trigger": "http"})
        for number in range(300)
    ]
    body = export_request(*spans).SerializeToString()
    batch = decode_group(Signal.TRACES, [Export(1, Signal.TRACES, body, NOW_NS)], Limits())
    keys = batch.tables["spans"]["keys"].to_pylist()

    assert len(keys) == 300
    assert all("nacme" in each for each in keys)
