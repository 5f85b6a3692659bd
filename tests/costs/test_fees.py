"""Fees of queues and workflows are counted by size, by transition, and to the event they are of."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from collector.model.cost import CostReport
from collector.model.event_filter import EventFilter
from collector.store.queries.event_traces import list_event_traces
from tests.costs.stitched import (
    AROUND,
    PRICING,
    QUEUE,
    StitchedStore,
    codes,
    rows_of,
    said,
    sent,
    taken,
    uuid,
)
from tests.health.derived import MINUTE, T0_NS, Row, line, resource, span

D: Final = Decimal
REQUEST: Final = D("0.0000004")
MACHINE: Final = "arn:aws:states:eu-west-1:123456789012:stateMachine:refunds"
EXECUTION: Final = "arn:aws:states:eu-west-1:123456789012:execution:refunds:e-1"
EXPRESS: Final = "arn:aws:states:eu-west-1:123456789012:express:refunds:e-1:7a0b2c3d"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StitchedStore]:
    """A store that knows resource 1: an environment of the function orders."""
    opened = StitchedStore(tmp_path)
    opened.commit(resource(1, memory_bytes=1024**3))
    yield opened
    opened.close()


def fee(report: CostReport) -> Decimal:
    return report.total.cost.split.fee_usd


@pytest.mark.parametrize(
    ("size", "requests"),
    [
        ("1000", 1 + 1 + 1),  # sent, received, deleted
        ("65536", 1 + 1 + 1),
        ("65537", 2 + 2 + 1),  # what is deleted is no message
        ("200000", 4 + 4 + 1),
    ],
)
def test_a_message_is_billed_in_units_of_64_kb(
    store: StitchedStore, size: str, requests: int
) -> None:
    """As its body's size says, by every grouping; nothing is taken for granted of it."""
    store.take(sent(1, 0, 1, messaging__message__body__size=size), taken(1, 1, 2))
    reports = [store.costs(by) for by in ("function", "day", "event_shape")]

    assert [round(fee(report), 12) for report in reports] == [requests * REQUEST] * 3
    assert "message_size" not in codes(rows_of(reports[0], "queue")[0])


def test_a_message_of_unknown_size_is_one_unit_and_says_so(store: StitchedStore) -> None:
    """Telemetry of one of two tells how large it was."""
    store.take(sent(1, 0, 1, messaging__message__envelope__size="70000"), sent(2, 1, 2))
    [row] = rows_of(store.costs(), "queue")

    assert row.cost.usd == 3 * REQUEST
    assert "message_size" in codes(row)


def test_fees_of_one_event_are_those_of_its_row(store: StitchedStore) -> None:
    """An event trace, the value of an attribute and the total agree, split and all."""
    store.take(
        sent(1, 0, 1, messaging__message__body__size="70000", order_id="o-1"), taken(1, 1, 2)
    )
    report, by_order = store.costs(), store.values("order_id")
    [order] = rows_of(by_order, "correlation")

    assert order.key == "o-1"
    assert round(order.cost.split.fee_usd, 15) == fee(report)
    assert round(order.cost.split.useful_usd, 15) == round(report.total.cost.split.useful_usd, 15)
    assert (order.invocation_count, order.success_count) == (1, 1)


def test_failed_work_of_a_value_is_split_off(store: StitchedStore) -> None:
    """Two tenants, one of which failed: its money went into failures, the other's did not."""
    store.take(
        span(0, 1, trace_id=b"1" * 16, attributes=said(shop="a")),
        span(5, 1, trace_id=b"2" * 16, span_id=2, status_code=2, attributes=said(shop="b"),
             invocation_id="other-request"),
    )  # fmt: skip
    found = {row.key: row.cost.split for row in store.values("shop").rows}

    assert found["a"].useful_usd > 0
    assert (found["b"].useful_usd, found["a"].failed_usd) == (0, 0)
    assert found["b"].failed_usd == pytest.approx(found["a"].useful_usd)


def step(number: int, type_: str, previous: int, at_s: float, arn: str = EXECUTION) -> Row:
    """A line of the log of a state machine."""
    at_ms = T0_NS // 1_000_000 + round(at_s * 1000)
    return line(
        f'{{"id":"{number}","type":"{type_}","details":{{}},"previous_event_id":"{previous}",'
        f'"event_timestamp":"{at_ms}","execution_arn":"{arn}"}}',
        at_s, function=None, resource_id=9,
    )  # fmt: skip


def worker(arn: str = EXECUTION, **more: Any) -> Row:
    """An invocation by a state of the execution."""
    return span(1, 0.1, keys=[f"x{arn}"], **more)


def test_states_entered_and_retries_are_transitions(store: StitchedStore) -> None:
    """Two states, the first tried twice: three transitions, of the event its function is of."""
    log = [
        step(1, "ExecutionStarted", 0, 0),
        step(2, "TaskStateEntered", 0, 0.1),
        step(3, "TaskScheduled", 2, 0.1),
        step(4, "TaskFailed", 3, 0.5),
        step(5, "TaskScheduled", 4, 1),
        step(6, "TaskSucceeded", 5, 2),
        step(7, "SucceedStateEntered", 6, 2),
        step(8, "ExecutionSucceeded", 7, 2),
    ]
    store.take(worker(), *log, *log[1:3])
    [row] = rows_of(store.costs(), "workflow")
    shapes = store.costs("event_shape")

    assert (row.key, row.cost.usd) == (MACHINE, 3 * D("0.000025"))
    assert not row.cost.is_floor
    assert [shape.cost.split.fee_usd for shape in rows_of(shapes, "event_shape")] == [row.cost.usd]


def test_executions_without_a_log_leave_a_floor(store: StitchedStore) -> None:
    """Two functions carry its id, one of which may have started it: one transition at least."""
    store.take(worker(), worker(function="mail", trace_id=b"3" * 16, span_id=3))
    [row] = rows_of(store.costs(), "workflow")

    assert row.cost.usd == D("0.000025")
    assert row.cost.is_floor
    assert "transitions_unknown" in codes(row)


def test_an_express_execution_costs_its_request_and_its_time(store: StitchedStore) -> None:
    """250 ms are billed as 300, of 64 MB: 0.3 x 0.0625 GB-s, beside 0.000001."""
    store.take(
        step(1, "ExecutionStarted", 0, 0, EXPRESS), step(2, "TaskStateEntered", 0, 0.1, EXPRESS),
        step(3, "ExecutionSucceeded", 2, 0.25, EXPRESS),
    )  # fmt: skip
    [row] = rows_of(store.costs(), "workflow")

    assert round(row.cost.usd or D(0), 15) == D("0.000001") + D("0.01875") * D("0.00001667")
    assert "express_memory" in codes(row)


def metric(name: str, total: float, count: int = 1) -> Row:
    """A CloudWatch summary of one minute about the state machine."""
    row = {
        "time_ns": T0_NS + MINUTE, "start_ns": T0_NS, "type": "summary", "count": count,
        "name": f"amazonaws.com/AWS/States/{name}", "sum": total, "resource_id": 5,
        "attributes": said(Dimensions=f'{{"StateMachineArn": "{MACHINE}"}}'),
    }  # fmt: skip
    return ("metric_points", row)


def test_metrics_alone_tell_what_express_workflows_cost(store: StitchedStore) -> None:
    """100 executions, 50 s in all, 128 MB each: 100 x 0.000001 + 50 x 0.125 x 0.00001667."""
    store.commit(resource(5, function=None, platform=None))
    store.take(
        metric("ExecutionsStarted", 100),
        metric("ExpressExecutionBilledDuration", 50_000, 100),
        metric("ExpressExecutionBilledMemory", 12_800, 100),
    )
    reports = [store.costs(by) for by in ("function", "day", "event_shape")]
    [row] = rows_of(reports[0], "workflow")

    assert row.cost.usd == D("0.0001") + D("6.25") * D("0.00001667")
    assert (row.evidence, row.cost.is_floor) == ("metrics", False)
    assert [fee(report) for report in reports] == [row.cost.usd] * 3


def test_metrics_alone_leave_transitions_a_floor(store: StitchedStore) -> None:
    """100 executions of a Standard workflow: a transition each, at least."""
    store.commit(resource(5, function=None, platform=None))
    store.take(metric("ExecutionsStarted", 100))
    [row] = rows_of(store.costs(window=AROUND), "workflow")

    assert (row.cost.usd, row.cost.is_floor) == (100 * D("0.000025"), True)


def test_a_batch_is_received_by_as_many_requests_as_all_of_it_takes(
    store: StitchedStore,
) -> None:
    """Three messages of 30 KB, received as 90 KB: two requests and a delete, a third of it each."""
    producers = [
        sent(number, 0.1 * number, number, messaging__message__body__size="30000")
        for number in (1, 2, 3)
    ]
    batch = b"9" * 16
    handled = span(
        1, 0.5, kind=5, span_id=900, trace_id=batch, invocation_id=uuid(900), trigger="pubsub",
        destination=QUEUE, keys=["b3", *(f"m{uuid(number)}" for number in (1, 2, 3))],
        attributes=said(messaging__system="aws_sqs"),
    )  # fmt: skip
    store.take(*producers, handled)
    [row] = rows_of(store.costs(), "queue")
    shapes = store.costs("event_shape")
    events = store.database.read(
        lambda cursor: list_event_traces(cursor, AROUND, EventFilter(), pricing=PRICING)
    )
    of_each = [event.cost_usd for event in events.event_traces]

    assert round(row.cost.usd or D(0), 12) == (3 + 2 + 1) * REQUEST
    assert round(shapes.total.cost.split.fee_usd, 12) == row.cost.usd
    assert len(of_each) == 3
    assert sum(each or 0 for each in of_each) == pytest.approx(float(store.costs().total.cost.usd))
