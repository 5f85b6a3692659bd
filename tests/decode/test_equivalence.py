"""The fast path, the reference path and the JSON path make the same batch of any message."""

import pytest
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.batch import Batch, Export, Signal
from collector.decode.group import FAST_PATHS, decode_group
from collector.decode.limits import Limits
from collector.decode.reference import decode_reference
from tests.decode.compare import contents, together
from tests.decode.messages import exports

LIMITS = Limits(max_attributes=4, correlation_attributes=("order.id", "correlationId"))
RECEIVED_NS = 1_795_186_801_000_000_000

any_signal = pytest.mark.parametrize("signal", list(Signal))
thorough = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def export(signal: Signal, message: Message, seq: int = 7) -> Export:
    return Export(seq, signal, message.SerializeToString(), RECEIVED_NS)


@any_signal
@thorough
@given(data=st.data())
def test_fast_path_equals_reference_path(signal: Signal, data: st.DataObject) -> None:
    """Columns at once and records one by one say the same of any message."""
    sent = export(signal, data.draw(exports(signal)))

    assert contents(FAST_PATHS[signal]([sent], LIMITS)) == contents(decode_reference(sent, LIMITS))


@any_signal
@thorough
@given(data=st.data())
def test_a_group_is_its_exports_one_after_another(signal: Signal, data: st.DataObject) -> None:
    """Grouping exports changes no row, no id and no count of any of them."""
    messages = data.draw(st.lists(exports(signal), min_size=2, max_size=4))
    group = [export(signal, message, seq) for seq, message in enumerate(messages)]
    alone: list[Batch] = [decode_reference(each, LIMITS) for each in group]

    assert contents(decode_group(signal, group, LIMITS)) == together(alone)
