"""Order, depth and position of the rows of a waterfall."""

from collector.model.span import Resource, Scope, Span, Trace
from web.waterfall import lay_out, minimap


def _span(number: int, parent: int | None, start: int = 0, length: int | None = 10) -> Span:
    return Span(
        trace_id="ab" * 16,
        span_id=f"{number:016x}",
        parent_span_id=None if parent is None else f"{parent:016x}",
        name=str(number),
        kind="server",
        start_ns=start,
        duration_ns=length,
        status="unset",
        status_message=None,
        function="orders",
        service=None,
        invocation_id=None,
        cold_start=None,
        trigger=None,
        correlation_id=None,
        destination=None,
        message_id=None,
        error_type=None,
        trace_state=None,
        flags=None,
        attributes={},
        resource=Resource(),
        scope=Scope(),
    )


def _rows(*spans: Span, folded: frozenset[str] = frozenset()) -> list[tuple[int, int]]:
    trace = Trace("ab" * 16, tuple(sorted(spans, key=lambda span: span.start_ns)), ())
    return [(int(row.span_id, 16), row.depth) for row in lay_out(trace, folded=folded).rows]


def test_children_follow_their_parent_in_order_of_time() -> None:
    """Depth first, earliest first."""
    spans = (_span(1, None), _span(3, 1, 4), _span(2, 1, 2), _span(4, 2, 3))

    assert _rows(*spans) == [(1, 0), (2, 1), (4, 2), (3, 1)]


def test_a_parent_that_never_came_is_a_row_of_its_own() -> None:
    """Its children hang under it."""
    assert _rows(_span(1, None), _span(2, 9, 5)) == [(1, 0), (9, 0), (2, 1)]


def test_a_ring_of_parents_is_cut_at_its_earliest_span() -> None:
    """Every span is shown once, whatever its sender said."""
    assert _rows(_span(1, 3, 0), _span(2, 1, 1), _span(3, 2, 2)) == [(1, 0), (2, 1), (3, 2)]
    assert _rows(_span(1, 1)) == [(1, 0)]


def test_a_folded_span_hides_all_below_it_and_counts_them() -> None:
    """Its siblings stay."""
    spans = (_span(1, None), _span(2, 1, 1), _span(3, 2, 2), _span(4, 1, 3))

    assert _rows(*spans, folded=frozenset({f"{2:016x}"})) == [(1, 0), (2, 1), (4, 1)]


def test_bars_are_per_cent_of_the_time_axis() -> None:
    """The longest span fills it; a zoomed one fills it alone and others are cut off."""
    trace = Trace("ab" * 16, (_span(1, None, 0, 100), _span(2, 1, 25, 50)), ())
    whole, zoomed = lay_out(trace), lay_out(trace, zoom=f"{2:016x}")

    assert [(row.x, row.width) for row in whole.rows] == [(0, 100), (25, 50)]
    assert [(row.x, row.width) for row in zoomed.rows] == [(0, 100), (0, 100)]


def test_a_span_without_an_end_reaches_to_the_end_of_the_trace() -> None:
    """Unknown is not zero."""
    trace = Trace("ab" * 16, (_span(1, None, 0, 100), _span(2, 1, 40, None)), ())

    assert (lay_out(trace).rows[1].x, lay_out(trace).rows[1].width) == (40, 60)


def test_the_minimap_of_a_large_trace_is_small() -> None:
    """Thousands of spans share the strokes of a few lines."""
    spans = tuple(_span(number, None if number == 1 else 1, number) for number in range(1, 2001))
    strokes = minimap(lay_out(Trace("ab" * 16, spans, ())))

    assert sum(len(path) for _, _, path in strokes) < 25_000
