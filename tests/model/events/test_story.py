"""What is told of an event: clocks, phantoms, joints and the sentence."""

import pytest

from collector.model.events.assembling import assemble
from collector.model.events.evidence import evidence, readable
from collector.model.stitching.facts import Joint
from collector.model.stitching.keys import Kind
from tests.model.events.build import HOME, MS, fragment, log, material, piece


def late_producer(skew: float) -> list[object]:
    """A worker whose clock is behind by ``skew`` ms: it took the message before it was sent."""
    return [
        piece("api", 1, 1000, 1100, kind="server", host="h-1"),
        piece("send", 2, 1050, 1060, parent=1, kind="producer", host="h-1"),
        piece("worker", 3, 1070 - skew, 1090 - skew, trace=2, kind="consumer", function="worker",
              host="h-2", links=[(1, 2)], destination="q"),
    ]  # fmt: skip


def test_a_clock_that_is_behind_is_set_forward_and_said() -> None:
    """By the least that makes the message arrive after it was sent; the spans say by how much."""
    event = assemble(material(late_producer(420)))  # type: ignore[arg-type]
    worker = next(each for each in event.spans if each.span.function == "worker")

    [note] = event.clock_notes
    assert note.startswith("The clock of worker (h-2) is set forward by 400 ms: it received")
    assert worker.span.start_ns == 1050 * MS
    assert worker.clock_shift_ns == 400 * MS
    assert (event.summary.start_ns, event.summary.duration_ns) == (1000 * MS, 100 * MS)


@pytest.mark.parametrize("skew", [0, 5, 19, 21])
def test_a_little_disorder_is_no_skew(skew: float) -> None:
    """A message may be taken before its sending returned; a millisecond is rounding."""
    event = assemble(material(late_producer(skew)))  # type: ignore[arg-type]

    assert event.clock_notes == ()
    assert all(each.end_ns > each.start_ns for each in event.waits)


def test_clocks_that_contradict_each_other_do_not_run_away() -> None:
    """Two hosts that each received before the other sent: both are moved, once."""
    pieces = [
        piece("a", 1, 0, 10, kind="server", host="x"),
        piece("send a", 2, 5, 6, parent=1, kind="producer", host="x"),
        piece("b", 3, 0, 10, trace=2, kind="consumer", function="b", host="y", links=[(1, 2)]),
        piece("send b", 4, 9, 10, trace=2, parent=3, kind="producer", function="b", host="y"),
        piece("again", 5, 1, 3, trace=3, kind="consumer", host="x", links=[(2, 4)]),
    ]
    event = assemble(material(pieces))

    assert len(event.clock_notes) <= 2


def reasons(*pieces: object, **more: object) -> list[tuple[str, str]]:
    event = assemble(material(pieces, **more))  # type: ignore[arg-type]
    return [(each.kind, each.reason) for each in event.phantoms]


def test_the_caller_that_exports_nothing_is_a_phantom() -> None:
    """A server span whose parent never arrived."""
    [(kind, reason)] = reasons(piece("api", 2, parent=1, kind="server"))

    assert kind == "parent"
    assert reason.startswith("api was called under a span that never arrived")


def test_a_timed_out_invocation_says_so_where_its_span_is_missing() -> None:
    """Children arrived, their parent did not, and the platform knows why."""
    report = log(
        "REPORT RequestId: r-9 Duration: 20000.00 ms Status: timeout", 20_000, fragment="b" * 16
    )
    [(kind, reason)] = reasons(piece("read", 2, 100, 200, parent=1), logs=[report])

    assert kind == "parent"
    assert reason == "api timed out after 20 s; the span of that invocation of api never arrived"


def test_parents_in_other_parts_of_the_trace_are_not_missing() -> None:
    """They belong to other messages of the batch."""
    elsewhere = frozenset({("0" * 31 + "1", "0" * 15 + "1")})

    assert reasons(piece("read", 2, parent=1), parents_elsewhere=elsewhere) == []


def test_a_link_to_what_never_arrived_is_a_phantom_once() -> None:
    """However many spans name it; one that is stored outside the event is none."""
    pieces = [piece("a", 1, links=[(7, 7)]), piece("b", 2, parent=1, links=[(7, 7), (8, 8)])]
    stored = frozenset({("0" * 31 + "8", "0" * 15 + "8")})

    assert [kind for kind, _ in reasons(*pieces, arrived=stored)] == ["linked span"]


def test_a_span_without_an_end_is_a_phantom_end() -> None:
    """It still runs, or was stopped."""
    [(kind, reason)] = reasons(piece("api", 1, 0, None, kind="server"))

    assert kind == "invocation"
    assert reason == "api began and its end never arrived: it still runs, or was stopped"


WAITED = "41.2 s end to end, of which 36 s waiting in orders-q"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ({}, WAITED),
        (
            {"duplicate_count": 1},
            "41.2 s end to end, of which 36 s waiting in orders-q; 1 duplicate",
        ),
        ({"retry_count": 2}, f"{WAITED}; 2 retries"),
        (
            {"status": "open"},
            f"{WAITED}; not over yet, as far as is known",
        ),
        (
            {"status": "dead_lettered"},
            f"{WAITED}; dead-lettered",
        ),
    ],
)
def test_the_sentence_says_what_matters(head: dict[str, object], expected: str) -> None:
    """How long, where it waited, what went wrong."""
    pieces = [
        piece("api", 1, 0, 200, kind="server"),
        piece("send", 2, 100, 200, parent=1, kind="producer"),
        piece("worker", 3, 36_200, 41_200, trace=2, kind="consumer", function="worker",
              links=[(1, 2)], destination="orders-q"),
    ]  # fmt: skip

    assert assemble(material(pieces, head=head)).sentence == expected


def test_the_longest_waiting_is_named() -> None:
    """Here the one before the next attempt, not the one in the queue."""
    pieces = [
        piece("api", 1, 0, 100, kind="server"),
        piece("send", 2, 50, 100, parent=1, kind="producer"),
        *(
            piece("worker", n, start, start + 100, trace=n, kind="consumer", function="worker",
                  links=[(1, 2)], destination="q", error=n == 3, fragment=home)
            for n, start, home in ((3, 1100, "b" * 16), (4, 9000, "c" * 16))
        ),
    ]  # fmt: skip
    parts = [fragment(home, function="worker", destinations=("q",), failed=home < "c", start=start)
             for home, start in (("b" * 16, 1100), ("c" * 16, 9000))]  # fmt: skip

    told = assemble(material(pieces, fragments=parts)).sentence

    assert told == "9.1 s end to end, of which 7.8 s waiting to be tried again"


def test_an_event_that_never_waited_says_how_long_it_took() -> None:
    """Computing is what time is expected to be spent with."""
    assert assemble(material([piece("api", 1, 0, 12)])).sentence == "12 ms end to end"


def test_a_log_line_of_anothers_invocation_is_no_invocation_of_the_event() -> None:
    """A line that was delivered late carries the request id of the next invocation."""
    late = log("done", 20, invocation_id="r-2", fragment="b" * 16)
    pieces = [piece("api", 1, kind="server", invocation_id="r-1")]
    event = assemble(material(pieces, logs=[late], invoked=frozenset({"r-2"})))

    assert [each.invocation_id for each in event.deliveries] == ["r-1"]
    assert [each.body for each in event.logs] == ["done"]


def joint(kind: Kind, key: str, confidence: float = 0.95) -> Joint:
    return Joint(HOME, "b" * 16, kind, key, confidence, exact=True)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("v:ord-4711", "ord-4711"),
        ("m:orders/17", "17"),
        ("o:bucket/path/key", "bucket/path/key"),
        ("t:" + "a" * 32, "a" * 32),
        ("s:" + "a" * 32 + "b" * 16, "a" * 32 + "/" + "b" * 16),
        ("c:/shop\n17", "/shop 17"),
    ],
)
def test_keys_are_shown_as_they_were_sent(key: str, value: str) -> None:
    """Without what stitching adds to tell kinds apart."""
    assert readable(key) == value


def test_context_that_was_passed_on_is_named_by_how() -> None:
    """A parent is certain, a link says who sent; else some record names the trace."""
    assert evidence(joint(Kind.SPAN, "s:", 1.0)) == "parent span"
    assert evidence(joint(Kind.TRACE, "t:"), linked=True) == "span link"
    assert evidence(joint(Kind.TRACE, "t:")) == "trace id"
    assert evidence(joint(Kind.MESSAGE, "v:")) == "message id"


def test_joints_name_the_spans_the_evidence_is_on() -> None:
    """The sender's before any other on the one end, the taker's on the other."""
    pieces = [
        piece("api", 1, 0, 9, kind="server"),
        piece("note", 2, 1, 2, parent=1, message_id="m-1"),
        piece("send", 3, 3, 4, parent=1, kind="producer", message_id="m-1"),
        piece("worker", 4, 20, 30, trace=2, kind="consumer", function="b", fragment="b" * 16,
              keys=("mm-1",)),
    ]  # fmt: skip
    (found,) = assemble(material(pieces, joints=[joint(Kind.MESSAGE, "v:m-1")])).joints

    assert (found.source_span_id, found.target_span_id) == ("0" * 15 + "3", "0" * 15 + "4")
    assert (found.evidence, found.key, found.exact) == ("message id", "m-1", True)
