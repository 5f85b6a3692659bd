"""Bodies of tiny elements are refused; usual ones of the same size are not."""

import pytest

from collector.decode.density import LOOK_BYTES, check_density
from collector.errors import TooLarge
from tests import build


def test_millions_of_empty_records_are_refused() -> None:
    """Two bytes each on the wire, hundreds in memory."""
    body = b"\x12\x00" * 5_100_000

    with pytest.raises(TooLarge, match="fewer records"):
        check_density(body)


def test_usual_spans_of_the_largest_request_pass() -> None:
    """64 MiB of spans with attributes, the most that is taken at once."""
    span = build.span("orders process", attributes={"faas.trigger": "pubsub", "http.status": 200})
    one = build.export_request(span).SerializeToString()
    body = one * (64 * 1024**2 // len(one))
    assert len(body) > LOOK_BYTES

    check_density(body)
