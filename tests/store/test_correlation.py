"""How far event traces reach, by which evidence, and the ends that nobody met."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.model.instrumentation import (
    Hop,
    InferredHop,
    MissingLinks,
    MissingParents,
    Runtime,
    Seen,
)
from collector.model.stitching.keys import Kind
from collector.model.window import Window
from collector.store.database import Database
from collector.store.queries.correlation import (
    joint_counts,
    read_coverage,
    read_hops,
    read_ignored,
)
from tests.store import build
from tests.store.event_rows import T0_NS, S, event, fragment, insert, key, span, trace_id

HOUR = Window(T0_NS - 60 * S, T0_NS + 3540 * S)
OUT, IN, OWN = 1, 2, 3


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A store without rows."""
    opened = build.open_database(tmp_path)
    yield opened
    opened.close()


def seen(database: Database) -> Seen:
    """What the ends of the hour's hops show."""
    return database.read(lambda cursor: read_hops(cursor, HOUR))


def test_coverage_counts_traces_and_evidence(database: Database) -> None:
    """Two event traces, one of three traces that hold by a link and a correlation id."""
    event(database, 1)
    event(database, 2, trace_ids=[trace_id(n) for n in (2, 3, 4)], joint_kinds=[1, 1, 8])
    event(database, 9, at_s=-7200)

    coverage = database.read(lambda cursor: read_coverage(cursor, HOUR))
    counts = database.read(
        lambda cursor: joint_counts(cursor, since_ns=HOUR.since_ns, until_ns=HOUR.until_ns)
    )

    assert (coverage.event_count, coverage.joined_event_count) == (2, 1)
    assert (coverage.trace_count, coverage.joined_trace_count, coverage.most_traces) == (4, 3, 3)
    assert coverage.inferred_event_count == 1
    assert [(each.evidence, each.joint_count, each.is_exact) for each in counts] == [
        ("trace id", 2, True),
        ("correlation id", 1, False),
    ]


def test_coverage_of_nothing_is_nothing(database: Database) -> None:
    """Zeros, not nulls."""
    coverage = database.read(lambda cursor: read_coverage(cursor, HOUR))

    assert (coverage.event_count, coverage.trace_count, coverage.most_traces) == (0, 0, 0)


def test_ends_of_messages_are_matched_by_key(database: Database) -> None:
    """Two matched, one of them bare, one nobody took, one nobody sent, one carried on."""
    for number in (1, 2, 3, 4):
        event(database, number, trace_ids=[trace_id(number)])
    fragment(database, 5, event_trace_id=1)
    fragment(database, 6, event_trace_id=1, functions=["orders-api", "payment"])
    at = {"place": "orders", "time_ns": T0_NS}
    for text, sent_by, taken_by in (
        ("a", 1, 5),
        ("b", 1, 2),
        ("c", 1, None),
        ("d", None, 3),
        ("e", 6, None),
    ):
        if sent_by:
            key(database, text, sent_by, 3, role=OUT, function="orders-api", **at)
        if taken_by:
            key(database, text, taken_by, 3, role=IN, function="payment", **at)
    key(database, "t:other", 5, 1, role=IN)

    assert list(seen(database).hops) == [
        Hop("orders", "orders-api", "payment", 2, 2, 2, 1),
        Hop("orders", "orders-api", None, 2, 0, 0, 0, carried_count=1),
        Hop("orders", None, "payment", 0, 1, 0, 1, alone_count=1),
    ]


def test_a_message_whose_sender_is_linked_to_is_taken_though_nobody_notes_its_id(
    database: Database,
) -> None:
    """As Java's agent does: the consumer links to its sender and names neither queue nor id."""
    for number, links in ((1, True), (2, False), (3, True)):
        key(database, f"m{number}", number, 3, role=OUT, place="orders", function="api")
        key(database, f"t:{number}", number, 1, role=OWN)
        if links:
            key(database, f"t:{number}", number + 10, 1, role=IN)
    key(database, "m4", 13, 3, role=IN, place="mails", function="mailer")  # took another message
    [orders] = [hop for hop in seen(database).hops if hop.place == "orders"]

    assert (orders.sent_count, orders.carried_count, orders.sent_only) == (3, 1, 2)


def test_what_was_sent_just_now_is_on_its_way(database: Database) -> None:
    """Only the other end of what was sent a minute ago can be missed."""
    now_ns = time.time_ns()
    for text, sent_ns in (("a", now_ns - 90 * S), ("b", now_ns - 10 * S)):
        key(database, text, 1, 3, role=OUT, place="orders", function="api", time_ns=sent_ns)
    hops = database.read(lambda cursor: read_hops(cursor, Window(now_ns - 600 * S, now_ns))).hops

    assert [hop.sent_only for hop in hops] == [1]


def test_links_to_what_never_arrived_are_told_from_others(database: Database) -> None:
    """One link meets a stored trace, one an X-Ray context, one something else."""
    event(database, 1)
    event(database, 2, joint_kinds=[])
    span(database, trace_id(1), "process orders", at_s=0)
    known, xray, other = trace_id(2), f"{T0_NS // S:08x}" + "a" * 24, "f" * 32
    for linked in (known, xray, other):
        row = {"start_ns": T0_NS, "trace_id": trace_id(1), "span_id": 1}
        insert(database, "span_links", row | {"linked_trace_id": linked, "linked_span_id": 7})

    assert list(seen(database).links) == [MissingLinks(None, None, 2, 1, 1)]


def test_parents_that_never_arrived_are_counted_by_function(database: Database) -> None:
    """Those of entries are callers outside."""
    fragment(database, 1, phantom_count=1, function="orders-api", entry=True)
    fragment(database, 2, phantom_count=2, function="orders-api", entry=False)
    fragment(database, 3, phantom_count=0, function="payment")

    assert list(seen(database).parents) == [MissingParents("orders-api", 2, 1, 2)]


def test_hops_that_hold_by_inference_alone_are_found(database: Database) -> None:
    """Payment follows by a message id, inventory by nothing but the order's id."""
    event(database, 1, joint_kinds=[3, 8], trace_ids=[trace_id(1)])
    fragment(database, 2, event_trace_id=1, function="payment", start_ns=T0_NS + S)
    fragment(database, 3, event_trace_id=1, function="inventory", start_ns=T0_NS + 2 * S)
    for each in (1, 2, 3):
        key(database, "v:ord-1", each, 8)
    key(database, "v:m-1", 1, 3, role=OUT)
    key(database, "v:m-1", 2, 3, role=IN)

    assert list(seen(database).inferred) == [
        InferredHop("payment", "inventory", None, Kind.CORRELATION, 1)
    ]


def test_resources_say_where_functions_run(database: Database) -> None:
    """Language and provider, None where not said."""
    database.write(
        lambda cursor: cursor.execute(
            "insert into resources (resource_id, function, provider, attributes) values"
            " (1, 'index', 'aws', [{'key': 'telemetry.sdk.language', 'value': 'nodejs'}]),"
            " (2, 'ocr', null, [])"
        )
    )

    assert seen(database).runtimes == {
        "index": Runtime("aws", "nodejs"),
        "ocr": Runtime(None, None),
    }


def test_ignored_keys_say_why(database: Database) -> None:
    """Those held by most first, of the window."""
    row = {"key": 1, "kind": 8, "reason": "hub", "first_ns": T0_NS, "run": 1}
    insert(database, "ignored_keys",
           row | {"value": "tenant-1", "fragment_count": 700, "last_ns": T0_NS})  # fmt: skip
    insert(database, "ignored_keys",
           row | {"value": "old", "fragment_count": 900, "last_ns": T0_NS - 7200 * S})  # fmt: skip
    [found] = database.read(lambda cursor: read_ignored(cursor, HOUR, 10))

    assert (found.value, found.evidence, found.fragment_count) == (
        "tenant-1",
        "correlation id",
        700,
    )
    assert "too many" in found.why


def test_values_that_say_nothing_are_counted_by_the_traces_that_carry_them(
    database: Database,
) -> None:
    """Words for "none" and all zeros are never keys, but the reader sees that they are sent."""
    for number, value in enumerate(("undefined", "Undefined", "0000-0000", "ord-1", None)):
        insert(database, "spans", {"start_ns": T0_NS, "correlation_id": value, "span_id": number,
               "trace_id": f"00000000-0000-0000-0000-00000000000{number}"})  # fmt: skip
    insert(database, "log_records", {"time_ns": T0_NS, "correlation_id": "undefined"})
    found = database.read(lambda cursor: read_ignored(cursor, HOUR, 10))

    assert [(each.value, each.reason, each.fragment_count) for each in found] == [
        ("undefined", "worthless", 2),
        ("0000-0000", "worthless", 1),
        ("Undefined", "worthless", 1),
    ]


def test_frequent_reasons_do_not_crowd_out_the_others(database: Database) -> None:
    """Of each reason the most held are listed, with how many there are."""
    row = {"kind": 8, "first_ns": T0_NS, "last_ns": T0_NS, "run": 1}
    for number in range(5):
        insert(database, "ignored_keys",
               row | {"key": number, "value": f"t{number}", "reason": "ambiguous",
                      "fragment_count": 100 + number})  # fmt: skip
    few = {"key": 9, "value": "tenant-1", "reason": "constant", "fragment_count": 3}
    insert(database, "ignored_keys", row | few)
    found = database.read(lambda cursor: read_ignored(cursor, HOUR, 2))

    assert [(each.value, each.alike_count) for each in found] == [
        ("t4", 5),
        ("t3", 5),
        ("tenant-1", 1),
    ]
