"""The four gates: each verdict by its table, and the card of a store."""

from pathlib import Path

import pytest

from collector.alerts import gates
from collector.alerts.book import read_book
from collector.alerts.gates import Bound, Busiest, DeadLetters, Evidence, Gate
from collector.alerts.scorecard import read_scorecard
from collector.alerts.sources import Answers
from collector.model.window import Window
from tests.alerts.watched import WatchedStore, numbered, rule
from tests.health.derived import MINUTE, T0_NS, span
from tests.health.test_queues import sqs
from tests.store import event_rows

RULE = Evidence("rule", "r", "a rule")
BUSY = Busiest(120, 800.0, MINUTE)


@pytest.mark.parametrize(
    ("gate", "verdict"),
    [
        (gates.reliability(None, None, (), ()), "unknown"),
        (gates.reliability(0, 0, (), ()), "unknown"),
        (gates.reliability(12, 0, (), ("e1",)), "pass"),
        (gates.reliability(12, 1, ("e1",), ()), "fail"),
        (gates.reliability(12, 0, (), ("e1",), 3), "unknown"),
        (gates.latency(None, Bound(900, RULE)), "unknown"),
        (gates.latency(BUSY, None), "unknown"),
        (gates.latency(BUSY, Bound(900, RULE)), "pass"),
        (gates.latency(BUSY, Bound(700, RULE), ("e1",)), "fail"),
        (gates.cost(None, Bound(1, RULE)), "unknown"),
        (gates.cost(0.002, None), "unknown"),
        (gates.cost(0.002, Bound(0.003, RULE)), "pass"),
        (gates.cost(0.002, Bound(0.001, RULE)), "fail"),
        (gates.operability([], [], None), "fail"),
        (gates.operability([], [], "team"), "fail"),
        (gates.operability([("team", RULE)], [], None), "pass"),
        (gates.operability([("team", RULE)], [DeadLetters("q-dlq", None, None)], None), "fail"),
        (gates.operability([("team", RULE)], [DeadLetters("q-dlq", RULE, "team")], None), "pass"),
    ],
)
def test_a_gate_is_passed_failed_or_unknown(gate: Gate, verdict: str) -> None:
    """What is not passed says what to do; what was judged shows what it rests on."""
    assert gate.verdict == verdict
    assert verdict == "pass" or gate.remedy
    assert verdict == "unknown" or gate.evidence or gate.name == "operability"


def test_the_card_of_a_store(tmp_path: Path) -> None:
    """A function with a promise it breaks, a duplicate, and dead letters that nobody owns."""
    store = WatchedStore(
        tmp_path, rule("duration_p95_ms", threshold=200, owner="team", scope={"function": "or*"})
    )
    store.take(
        *numbered([span(10), span(11), span(12, function="mail", duration_s=0.1)]),
        sqs("ApproximateNumberOfMessagesVisible", "orders-in-dlq", 1, 2),
    )
    event_rows.event(
        store.database, 1, at_s=10, root_function="orders", functions=["orders"], retry_count=1,
        duplicate_count=1, path=["[orders-in]", "orders"],
    )  # fmt: skip
    for place in (1, 2):
        event_rows.fragment(store.database, 100 + place, event_trace_id=1, function="orders")
        event_rows.key(store.database, "message 1", 100 + place, 3, role=2, function="orders")
    answers = Answers(store.database.read, store.facts)
    book = store.database.read(lambda cursor: read_book(cursor, ()))
    card = read_scorecard(answers, book, Window(T0_NS, T0_NS + 10 * MINUTE))
    found = {row.name: {gate.name: gate for gate in row.gates} for row in card.functions}
    verdicts = {name: [gate.verdict for gate in row.values()] for name, row in found.items()}

    assert verdicts == {
        "orders": ["fail", "fail", "unknown", "fail"],
        "mail": ["unknown", "unknown", "unknown", "fail"],
    }
    assert found["orders"]["reliability"].evidence[0].id == f"{1:016x}"
    assert "orders-in-dlq" in found["orders"]["operability"].figure
    assert [row.name for row in card.functions] == ["orders", "mail"]
    assert [row.name for row in card.flows] == ["orders"]
    store.close()
