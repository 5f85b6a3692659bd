"""The right names with whatever under them: translated or counted, and decoded without trouble."""

import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from collector.batch import Export, Outcome, Signal
from collector.decode.aws.lambda_telemetry import Environment, read_batch
from collector.decode.aws.origin import Around
from collector.decode.aws.translated import Translated
from collector.decode.group import decode_group
from collector.decode.limits import Limits
from collector.receive.firehose_records import RecordReader
from tests.decode.aws.test_lambda_telemetry import BATCH
from tests.decode.aws.vectors import START, STREAM, TIME_MS, datum, subscription

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        [TIME_MS, "p99", STREAM, "2026-11-20T15:00:12Z", "platform.start", "[", 1e300]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


@st.composite
def altered(draw: st.DrawFn, whole: Any) -> Any:
    """A value with anything in place of some of its parts."""
    if draw(st.integers(0, 9)) == 0:
        return draw(ANYTHING)
    if isinstance(whole, dict):
        return {key: draw(altered(value)) for key, value in whole.items()}
    if isinstance(whole, list):
        return [draw(altered(value)) for value in whole]
    return whole


def rows(found: Translated) -> int:
    """Records kept and rejected by decoding, none of which may fail."""
    count = 0
    for signal, body in found.bodies.items():
        [outcome] = decode_group(signal, [Export(1, signal, body, 1)], Limits(64)).outcomes
        assert isinstance(outcome, Outcome)
        count += outcome.accepted + outcome.rejected_count
    return count


LOGS = subscription(START, '{"level":"INFO"}', "x")
METRIC = datum(value={"count": 2, "sum": 5, "max": 4, "min": 1, "p99.9": 3.5, "TM(1%:2%)": 2})


@given(altered(LOGS), altered(METRIC))
def test_a_record_of_strange_objects_is_counted_to_the_last(logs: Any, metric: Any) -> None:
    """Each event and datum is kept, rejected, or lost with its whole object, which is said."""
    assume(isinstance(logs, dict))
    text = f"{json.dumps(logs)}\n{json.dumps(metric)}".encode()
    found = RecordReader(Around("r"), 2**20).read(text)
    unreadable = found.unreadable.total()
    known = rows(found) + found.rejected.total()
    events = logs.get("logEvents")
    expected = len(events) if isinstance(events, list) else 0

    assert unreadable <= 2
    assert known <= expected + 1
    if not unreadable:
        assert known == expected + 1


@given(altered(json.loads(BATCH)))
def test_a_strange_batch_is_counted_to_the_last(batch: Any) -> None:
    """Every event is kept or rejected."""
    assume(isinstance(batch, list))
    found = read_batch(json.dumps(batch).encode(), Environment())

    assert rows(found) + found.rejected.total() == len(batch)
    assert set(found.bodies) <= {Signal.LOGS}
