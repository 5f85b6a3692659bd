"""Lanes, blocks, waits and threads of the picture of an event trace."""

import time

from tests.web.event_build import START_NS, Story, large, order
from web.blocks import blocks
from web.ties import reached, ties
from web.timeline import CHUNK, View, lay_out, minimap
from web.timescale import even, shortened

FOLDED = View(opened=frozenset())


def test_lanes_follow_the_first_appearance_of_their_function() -> None:
    """Attempts at one message stand together, and only the first row of a lane begins it."""
    rows = [row for row in lay_out(order(), FOLDED).rows if row.block]

    assert [row.function for row in rows if row.first] == [
        "orders-api",
        "orders-worker",
        "payment",
        "shipping",
        "notify",
        "mail-alarm",
    ]
    assert [row.select for row in rows if row.function == "payment"] == [
        "d.pay-1",
        "d.pay-2",
        "d.pay-3",
    ]


def test_a_wait_is_a_bar_of_its_own_that_ends_where_its_work_begins() -> None:
    """Queue, back-off and cold start each; what is long enough says how long."""
    rows = {row.select: row for row in lay_out(order(), FOLDED).rows}
    wait, _batch, work = rows["d.in-worker"].bars

    assert (wait.kind, wait.label) == ("queue", "12.4 s waiting in orders-q")
    assert wait.x + wait.width <= work.x + 0.001
    assert rows["d.pay-2"].bars[0].kind == "retry"
    assert rows["d.ship"].bars[0].kind == "cold"


def test_what_a_batch_shared_is_under_the_delivery_and_marked() -> None:
    """Its own spans stay its own."""
    timeline = lay_out(order(), View(opened=frozenset({"in-worker"})))
    spans = [(row.span.name, row.shared) for row in timeline.rows if row.span]

    assert ("load prices", True) in spans
    assert ("process order", False) in spans
    assert [bar.kind for row in timeline.rows if row.block for bar in row.bars].count("batch") == 1


def test_an_invocation_that_exported_nothing_is_hollow() -> None:
    """Its phantom gives the reason and the end; the missing parent has a row of its own."""
    rows = lay_out(order(), FOLDED).rows
    lost = next(row for row in rows if row.select == "d.mail-1")

    assert [bar.kind for bar in lost.bars] == ["queue", "phantom", "dead"]
    assert lost.block is not None
    assert lost.block.phantom is not None
    assert [row.phantom.label for row in rows if row.phantom] == ["parent of reserve stock"]


def test_ties_lead_from_sender_to_handler_with_their_evidence() -> None:
    """Attempts lead to the next one, and a joint is the evidence of the tie it says again."""
    found = blocks(order())
    known = {(tie.source, tie.target): tie for tie in ties(order(), found)}

    assert known["in-api", "in-worker"].joint is not None
    assert known["in-worker", "pay-1"].exact is False
    assert known["pay-1", "pay-2"].joint is None
    assert known["mail-1", "alarm"].exact
    assert len(known) == 8


def test_a_higher_confidence_hides_guesses_and_dims_what_hangs_on_them() -> None:
    """The parts before the first guess stay as they are."""
    timeline = lay_out(order(), View(opened=frozenset(), min_confidence=0.85))
    dim = {row.function for row in timeline.rows if row.dim}

    assert dim == {"payment", "shipping", "notify", "mail-alarm"}
    assert all(line.kind != "guess" for line in timeline.lines)
    assert reached(order(), f"{1:016x}", 0.3) == {f"{part:016x}" for part in range(1, 8)}


def test_the_critical_path_is_one_thread_without_a_gap() -> None:
    """Each stroke begins where the one before it ended."""
    strokes = [line for line in lay_out(order(), FOLDED).lines if line.kind == "path"]
    ends = {(line.x2, line.y2) for line in strokes}

    assert (strokes[0].x1, strokes[-1].x2) == (0, 100)
    assert all((line.x1, line.y1) in ends for line in strokes[1:])


def test_only_what_the_time_depends_on_is_left() -> None:
    """The alarm ran beside the path."""
    rows = lay_out(order(), View(opened=frozenset(), path_only=True)).rows

    assert "d.alarm" not in {row.select for row in rows}
    assert {"d.in-api", "d.pay-2", "d.ship", "d.mail-2"} <= {row.select for row in rows}


def test_one_block_can_fill_the_axis() -> None:
    """Without the wait before it, which would hide what it did; with the batch it was in."""
    alone = lay_out(order(), View(zoom="pay-2")).scale
    batch = lay_out(order(), View(zoom="in-worker")).scale

    assert (alone.start_ns, alone.end_ns) == (
        START_NS + 18_700_000_000,
        START_NS + 19_400_000_000,
    )
    assert batch.start_ns == START_NS + 12_800_000_000


def test_what_lies_outside_of_the_axis_is_not_drawn_at_its_edge() -> None:
    """Neither bars nor lines."""
    timeline = lay_out(order(), View(opened=frozenset(), zoom="pay-2"))
    drawn = {row.select for row in timeline.rows if any(bar.width for bar in row.bars)}

    assert drawn == {"d.pay-2"}
    assert [knot.select for knot in timeline.knots] == []


def test_long_stretches_without_work_take_little_room_when_shortened() -> None:
    """And the axis still says the right times."""
    plain, short = even(0, 1000), shortened(0, 1000, [(0, 10), (900, 1000)])

    assert (plain.at(900), short.at(900)) == (90, 16.364)
    assert short.ticks()[0] == (0, 0)
    assert short.breaks == [(8.364, 8.0, 890)]
    assert short.at(1000) == 100


def test_a_small_event_is_unfolded_and_a_large_one_folded() -> None:
    """2,000 spans in 100 deliveries are 101 rows, sent in runs."""
    timeline = lay_out(large())

    assert len(timeline.rows) == 101
    assert [len(chunk.rows) for chunk in timeline.chunks()] == [CHUNK, 0, 0]
    assert len(timeline.chunk(2 * CHUNK).rows) == 101 - 2 * CHUNK
    assert [chunk.full for chunk in timeline.chunks()] == [True, True, False]
    assert len(lay_out(large(10, 2)).rows) == 11


def test_2000_spans_are_laid_out_quickly() -> None:
    """All unfolded; an order of magnitude of room for a busy machine."""
    event = large()
    begun_s = time.thread_time()
    timeline = lay_out(event, View(opened=frozenset({"all"})))

    assert len(timeline.rows) == 2001
    assert time.thread_time() - begun_s < 1
    assert sum(len(path) for _, path in minimap(timeline)) < 40_000


def test_a_ring_of_parents_shows_every_span_once() -> None:
    """Whatever its sender said."""
    story = Story()
    story.delivery("a", "f", 0, 10, part=1)
    first = story.span("one", "f", 0, 10, part=1, delivery="a", parent="000000000000a001")
    story.span("two", "f", 1, 5, part=1, delivery="a", parent=first)
    rows = lay_out(story.told("10 ms end to end")).rows

    assert sorted(row.span.name for row in rows if row.span) == ["one", "two"]


def test_an_event_without_spans_has_no_rows() -> None:
    """Only logs were stored."""
    story = Story()
    story.log("said alone", "f", 0, None)

    assert lay_out(story.told("unknown", duration_ns=0)).rows == []


def test_a_guess_comes_from_where_the_critical_path_comes_from() -> None:
    """A correlation id that three parts carry does not say which of them sent the message."""
    story = Story()
    spans = {}
    for number, function in enumerate(("api", "payment", "shipping", "notify"), 1):
        story.delivery(function, function, number * 10, number * 10 + 8, part=number)
        spans[function] = story.span(
            function, function, number * 10, 8, part=number, delivery=function
        )
        story.step("compute", function, number * 10, number * 10 + 8, spans[function])
    story.joint(1, 4, "correlation id", "ord-1", 0.8)
    event = story.told("")

    assert [(tie.source, tie.target) for tie in ties(event, blocks(event))] == [
        ("shipping", "notify")
    ]


def test_work_without_a_row_goes_on_in_the_row_before() -> None:
    """What the platform did after the span ended, and time nothing is known of."""
    story = Story()
    story.delivery("a", "f", 0, 10, part=1)
    span = story.span("one", "f", 0, 10, part=1, delivery="a")
    story.step("compute", "f", 0, 10, span)
    story.step("compute", "f: its end", 10, 40)
    event = story.told("", duration_ns=40_000_000)

    assert [(line.x1, line.x2) for line in lay_out(event, FOLDED).lines] == [(0, 100)]
