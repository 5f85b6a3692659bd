"""Batches: as many events as messages, whatever the invocation did for all of them."""

import pytest

from collector.model.stitching.facts import LinkFacts, Part
from collector.model.stitching.keys import Kind, Outcome, Role
from tests.model.stitching.build import (
    CLIENT,
    CONSUMER,
    INTERNAL,
    PRODUCER,
    Story,
    batch,
    key,
    link,
    log,
    order,
    request,
    span,
    tid,
    uuid,
    worker,
)

TEN = [f"m{number}" for number in range(10)]


def sent(story: Story, names: list[str]) -> Story:
    """A request for each message, with the span that sent it."""
    for number, name in enumerate(names):
        send = span(f"{name}/send", f"api/{name}", PRODUCER, number, function="api",
                    message=name, destination="q", lasts=0.5)  # fmt: skip
        request(story, name, number, more=[send])
    return story


def test_a_batch_of_ten_stays_ten_events():
    """Ten requests whose messages one invocation takes are ten event traces."""
    story = batch(sent(Story(), TEN), "batch", TEN)

    assert len(story.events(*TEN)) == 10


def test_the_spans_a_batch_shares_are_in_no_event_trace():
    """The invocation and its process span belong to no message alone."""
    story = batch(sent(Story(), TEN), "batch", TEN)

    assert len(story.cuts["batch"].shared) == 2
    assert story.where("batch", "batch") not in story.stitched().event_of


def test_what_follows_a_batch_by_a_message_of_its_own_span_joins_its_event():
    """A span of one message leads from its request to what it sent."""
    story = sent(Story(), TEN[:3])
    more = []
    for number, name in enumerate(TEN[:3]):
        mine = f"work/{name}"
        more += [
            span(mine, "batch/process", INTERNAL, 11 + number, function="worker", message=name),
            span(f"{mine}/send", mine, PRODUCER, 11 + number, function="worker",
                 message=f"next {name}", destination="r"),
        ]  # fmt: skip
        worker(story, f"after {name}", 20, function="after", more=[
            span(f"process {name}", f"after/after {name}", CONSUMER, 20, function="after",
                 called="process r", message=f"next {name}", destination="r")])  # fmt: skip
    batch(story, "batch", TEN[:3], more=more)

    assert len(story.events(*TEN[:3])) == 3
    assert all(story.one_event(name, f"after {name}") for name in TEN[:3])


def test_a_link_to_a_span_of_a_message_joins_only_its_event():
    """The context of a span under a message is that message's."""
    story = sent(Story(), TEN[:2])
    more = [span(f"work/{name}", "batch/process", INTERNAL, 11, function="worker", message=name)
            for name in TEN[:2]]  # fmt: skip
    batch(story, "batch", TEN[:2], more=more)
    worker(story, "after", 20, links=[link("batch", "work/m1")])

    assert story.one_event("after", "m1")
    assert not story.one_event("after", "m0")


def test_a_link_to_a_shared_span_is_ambiguous():
    """What a batch sent for all of its messages joins none of their events, and is told."""
    story = batch(sent(Story(), TEN[:2]), "batch", TEN[:2])
    worker(story, "after", 20, links=[link("batch", "batch/process")])

    assert len(story.events("after", "m0", "m1")) == 3
    assert "ambiguous" in story.reasons().values()


def test_subtrees_with_an_id_of_their_own_join_the_event_of_that_id():
    """Without message spans, the order id of a subtree says whose it is."""
    story = Story()
    for name in ("o-1111", "o-2222"):
        request(story, name, keys=key(name))
    more = [span(f"item/{name}", "batch", INTERNAL, 12, function="worker", keys=order(name))
            for name in ("o-1111", "o-2222")]  # fmt: skip
    unknown = [LinkFacts(tid("unknown"), "1" * 16, uuid(name)) for name in ("a", "b")]
    batch(story, "batch", ["a", "b"], more=more, links=unknown)

    assert story.one_event("o-1111", ("batch", "item/o-1111"))
    assert not story.one_event("o-1111", "o-2222")


def test_ids_in_logs_show_a_batch_that_nothing_else_shows():
    """An invocation by a queue that logs three orders took three messages."""
    story = Story()
    names = ["o-1111", "o-2222", "o-3333"]
    for name in names:
        request(story, name, keys=key(name))
    story.trace("w", span("w", trigger="pubsub", at=5),
                *(log(5.1, "w", "w", correlation_id=name) for name in names))  # fmt: skip

    assert len(story.events(*names)) == 3


def test_one_message_whose_log_has_a_stale_id_is_no_batch():
    """The process span names the order: another id on a line does not split it."""
    story = request(Story(), "o-2222", keys=key("o-2222"))
    request(story, "o-1111", 1, keys=key("o-1111"))
    story.trace("w", span("w", trigger="pubsub", at=5, lasts=2),
                span("w/p", "w", CONSUMER, 5, function="w", called="process q", keys=key("o-2222")),
                log(5.1, "w", "w", correlation_id="o-1111"))  # fmt: skip

    assert story.one_event("w", "o-2222")
    assert not story.one_event("o-1111", "o-2222")


def test_a_request_that_names_many_orders_is_no_batch():
    """Not batches: what a request or a schedule does stays one event."""
    story = request(Story(), "list", more=[
        span(f"row/{n}", "api/list", INTERNAL, 0, function="api", keys=key(f"o-{n}{n}{n}{n}"))
        for n in range(4)])  # fmt: skip

    assert [each.part for each in story.cuts["list"].fragments] == [Part.WHOLE]


def test_sending_a_batch_takes_none():
    """A producer that links to the spans which created its messages stays whole."""
    story = request(Story(), "r", more=[
        span("send", "api/r", PRODUCER, 0, function="api", keys="b3",
             links=[link("r", f"create {n}") for n in range(3)])])  # fmt: skip

    assert len(story.cuts["r"].fragments) == 1


def test_fan_in_joins_the_shared_spans_too():
    """When all messages of a batch are of one event, so is what it did for all of them."""
    story = Story()
    send = [span(f"{n}/send", "api/root", PRODUCER, 0, function="api", message=n, destination="q")
            for n in TEN[:3]]  # fmt: skip
    request(story, "root", more=send)
    batch(story, "gather", TEN[:3], links=[link("root", f"{n}/send", n) for n in TEN[:3]])
    worker(story, "after", 90, links=[link("gather", "gather/process")])

    assert story.one_event("root", "after", ("gather", "gather"))


def test_the_request_id_of_a_batch_joins_nothing():
    """Two messages of one invocation are not one event because of its request id."""
    story = sent(Story(), TEN[:2])
    batch(story, "batch", TEN[:2])
    story.loose("logs", log(11, "worker", invocation_id=uuid("inv"), correlation_id="o-1"))

    occurrences = story.cuts["batch"].occurrences
    assert all(each.kind is not Kind.INVOCATION for each in occurrences
               if not str(each.fragment_id).endswith("batch"))  # fmt: skip


def test_children_of_a_lost_message_span_are_found_by_elimination():
    """All messages but one have their spans and one parent is lost: it was that message's."""
    story = sent(Story(), TEN[:3])
    more = [span(f"work/{n}", "batch/process", INTERNAL, 11, function="worker", message=n)
            for n in TEN[:2]]  # fmt: skip
    more.append(span("orphan", "work/m2", CLIENT, 12, function="worker"))
    batch(story, "batch", TEN[:3], more=more)

    assert story.one_event("m2", ("batch", "orphan"))


def test_an_orphan_in_a_batch_that_may_be_anyones_is_shared():
    """Two messages have no span: what hangs below a lost one is nobody's alone."""
    story = sent(Story(), TEN[:4])
    more = [span(f"work/{n}", "batch/process", INTERNAL, 11, lasts=9, function="worker", message=n)
            for n in TEN[:2]]  # fmt: skip
    more.append(span("orphan", "work/m2", CLIENT, 12, function="worker"))
    batch(story, "batch", TEN[:4], more=more)

    assert story.cuts["batch"].of_span[more[-1].span_id] == story.where("batch", "batch")


def test_a_lost_invocation_span_still_gives_deliveries():
    """Message spans below one parent that never arrived are of one batch."""
    story = sent(Story(), TEN[:3])
    story.trace("batch", *(span(f"work/{n}", "gone", INTERNAL, 11, function="worker", message=n)
                           for n in TEN[:3]))  # fmt: skip

    assert len(story.events(*TEN[:3])) == 3


def test_an_invocation_started_below_a_message_is_of_its_event():
    """A call of another function from a message's span goes with the message."""
    story = sent(Story(), TEN[:2])
    more = [span(f"work/{n}", "batch/process", INTERNAL, 11, function="worker", message=n)
            for n in TEN[:2]]  # fmt: skip
    more += [span("call", "work/m0", CLIENT, 12, function="worker"), span("other", "call", at=12)]
    batch(story, "batch", TEN[:2], more=more)

    assert story.one_event("m0", ("batch", "other"))


def test_an_invocation_started_by_shared_spans_is_a_region():
    """It refers to a span of nobody's own, so nothing says whose it is."""
    story = sent(Story(), TEN[:2])
    more = [span("call", "batch", CLIENT, 12, function="worker"), span("other", "call", at=12)]
    batch(story, "batch", TEN[:2], more=more)
    parts = {each.fragment_id: each.part for each in story.cuts["batch"].fragments}

    assert parts[story.where("batch", "other")] is Part.REGION
    assert len(story.events("m0", "m1", ("batch", "other"))) == 3


@pytest.mark.parametrize("failed", [False, True])
def test_the_outcome_of_a_message_is_that_of_its_own_span(failed: bool):
    """Partial failure: one span fails, the others do not; without a span it is unknown."""
    more = [
        span("work", "batch/process", INTERNAL, 11, function="worker", message="m0", failed=failed)
    ]
    story = batch(Story(), "batch", TEN[:2], more=more)
    outcomes = {each.key: each.outcome for each in story.cuts["batch"].occurrences
                if each.kind is Kind.MESSAGE and each.role is Role.IN}  # fmt: skip

    assert outcomes[f"v:{uuid('m0')}"] is (Outcome.ERROR if failed else Outcome.OK)
    assert outcomes[f"v:{uuid('m1')}"] is Outcome.UNKNOWN


def test_offsets_of_two_partitions_are_two_messages():
    """The same offset in another partition is another message."""
    story = Story()
    for part in (0, 1):
        worker(story, f"w{part}", part, function=f"f{part}", more=[
            span(f"p{part}", f"f{part}/w{part}", CONSUMER, part, function=f"f{part}",
                 called="process t", destination="t", keys=f"m{part}:4711")])  # fmt: skip

    assert not story.one_event("w0", "w1")


def test_what_a_batch_did_under_an_orders_id_is_of_the_message_whose_sender_names_it():
    """The process span links to the senders, the handler's spans name only the order."""
    story = Story()
    for name in ("m1", "m2"):
        send = span(f"{name}/send", f"api/{name}", PRODUCER, function="api")
        request(story, name, keys=order(f"o-{name}-1000"), more=[send])
    batch(story, "batch", (), links=[link(name, f"{name}/send") for name in ("m1", "m2")], more=[
        span(f"handle {name}", "batch/process", INTERNAL, 20, function="worker",
             keys=order(f"o-{name}-1000"))
        for name in ("m1", "m2")
    ])  # fmt: skip

    assert story.one_event("m1", ("batch", "handle m1"))
    assert story.one_event("m2", ("batch", "handle m2"))
    assert not story.one_event("m1", "m2")


@pytest.mark.parametrize("other", ["request", "both"])
def test_an_orders_id_ties_a_part_of_a_batch_to_nothing_but_its_messages(other: str):
    """Whoever else names the order; nor where two messages of the batch are about it."""
    story = Story()
    for name in ("m1", "m2"):
        send = span(f"{name}/send", f"api/{name}", PRODUCER, function="api")
        told = {"keys": order("o-1000")} if other == "both" else {}
        request(story, name, more=[send], **told)
    request(story, "request", keys=order("o-1000"))
    batch(story, "batch", (), links=[link(name, f"{name}/send") for name in ("m1", "m2")], more=[
        span("handle", "batch/process", INTERNAL, 20, function="worker", keys=order("o-1000"))
    ])  # fmt: skip

    assert len(story.events("m1", "m2", "request", ("batch", "handle"))) == 4
