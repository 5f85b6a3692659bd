"""What was read around an event, sorted into its own, the shared and the others' parts."""

from dataclasses import replace
from hashlib import blake2b

from collector.model.events.gathering import Found, cut, gather
from collector.model.events.pieces import Material
from collector.model.log import LogRecord
from collector.model.span import KINDS, Span
from collector.model.stitching.facts import LinkFacts, LogFacts, SpanFacts
from tests.model.events.build import log, span, summary, trace_id

FIRST = "0f4c2f4e-6a51-4f0c-9d25-0a7f3b1c9e01"
SECOND = "5b1de7a4-30d2-4a86-9c54-7be14f0d2c02"


def facts(of: Span, *keys: str) -> SpanFacts:
    links = tuple(LinkFacts(each.trace_id, each.span_id) for each in of.links)
    return SpanFacts(
        of.span_id, of.parent_span_id, of.name, KINDS.index(of.kind), of.start_ns, of.end_ns,
        of.status == "error", of.function, invocation_id=of.invocation_id,
        destination=of.destination, message_id=of.message_id, correlation_id=of.correlation_id,
        keys=keys, links=links,
    )  # fmt: skip


def line(text: str, value: str | None, *, span_id: str | None = None) -> LogRecord:
    """A record on a span of the batch, or one that names the invocation alone."""
    record = replace(log(text, 5, function="worker").record, correlation_id=value)
    if span_id:
        return replace(record, trace_id=trace_id(1), span_id=span_id)
    return replace(record, invocation_id="i-1")


def batch() -> list[Span]:
    """Two messages that one invocation took."""
    told = {"function": "worker", "invocation_id": "i-1"}
    return [
        span("worker", 1, 0, 90, kind="server", **told),
        *(
            span("handle", n, n * 10, n * 10 + 9, parent=1, kind="consumer", destination="q",
                 message_id=message, function="worker")
            for n, message in ((2, FIRST), (3, SECOND))
        ),
    ]  # fmt: skip


def gathered(own_message: str, logs: list[LogRecord], **options: int) -> Material:
    spans = batch()
    read = Found(
        summary(0, 90),
        frozenset(),
        [(each, facts(each)) for each in spans],
        [
            (each, LogFacts(each.time_ns, each.span_id, each.function, each.invocation_id,
                            each.correlation_id))
            for each in logs
        ],
    )  # fmt: skip
    parts = cut(read)
    ids = {name: blake2b(name.encode(), digest_size=8).hexdigest() for name in parts.names}
    own = {
        ids[str(each.fragment_id)]
        for each in parts.occurrences
        if str(each.key).endswith(own_message)
    }
    return gather(replace(read, own=frozenset(own)), parts, ids, **options)


def test_the_other_message_is_left_out_and_the_rest_is_shared() -> None:
    """One message's spans, and those of the invocation that took both."""
    found = gathered(FIRST, [])

    assert [(each.span.span_id[-1], each.shared) for each in found.pieces] == [
        ("2", False), ("1", True),
    ]  # fmt: skip
    assert found.parents_elsewhere == {(trace_id(1), "0" * 15 + "3")}


def test_records_on_shared_spans_go_by_the_id_they_carry() -> None:
    """Without one they are shared; with another message's id they are that one's."""
    shared_span = "0" * 15 + "1"
    found = gathered(
        FIRST,
        [
            line("both", None, span_id=shared_span),
            line("mine", FIRST, span_id=shared_span),
            line("not mine", SECOND, span_id=shared_span),
            line("START", None),
        ],
    )

    assert sorted(str(each.record.body) for each in found.logs) == ["START", "both", "mine"]
    assert {each.shared for each in found.logs if each.record.body != "mine"} == {True}


def test_a_large_event_is_cut_and_says_so() -> None:
    """Its own spans are kept before shared ones."""
    found = gathered(FIRST, [], max_spans=1)

    assert found.truncated
    assert [each.shared for each in found.pieces] == [False]
