"""What is said about broken hops: what was seen, why, and the one thing to change."""

from collector.model.instrumentation import (
    GOES_ON,
    PROPAGATORS,
    Hop,
    InferredHop,
    MissingLinks,
    MissingParents,
    Runtime,
    Seen,
    advice,
)
from collector.model.stitching.keys import Kind

NODE = {"index": Runtime("aws", "nodejs")}


def hop(**more: object) -> Hop:
    """A hop without faults, but for what is given."""
    whole = {
        "place": "orders-q",
        "sender": "orders-api",
        "receiver": "payment",
        "sent_count": 100,
        "taken_count": 100,
        "matched_count": 100,
        "bare_count": 0,
        "alone_count": 0,
    }
    return Hop(**(whole | more))  # type: ignore[arg-type]


def test_a_whole_hop_needs_no_advice() -> None:
    """Nor does one that lost a message in a hundred."""
    assert advice(Seen(hops=[hop()])) == []
    assert advice(Seen(hops=[hop(), hop(receiver=None, taken_count=0, matched_count=0,
                                         sent_count=1)])) == []  # fmt: skip


def test_links_to_x_ray_contexts_name_the_setting() -> None:
    """446 links of index lead nowhere: the sender is known from the queue."""
    seen = Seen(
        hops=[hop(place="index", sender="ocr", receiver="index")],
        links=[MissingLinks("index", "index", 446, 446, 120)],
        runtimes=NODE,
    )
    [each] = advice(seen)

    assert each.hop == "ocr → index"
    assert each.seen == "446 links of index to X-Ray contexts that are never exported."
    assert "reads AWSTraceHeader" in each.fix
    assert "Node's Lambda instrumentation" in each.fix
    assert (each.setting, each.gain) == (PROPAGATORS, 120)


def test_links_that_other_evidence_makes_up_for_gain_nothing() -> None:
    """They are still said, behind what would join something."""
    lost = MissingLinks("index", None, 10, 0, 0)
    first, second = advice(Seen(links=[lost, MissingLinks("ocr", None, 4, 0, 4)]))

    assert (first.gain, second.gain) == (4, None)
    assert "joined by other evidence" in second.seen
    assert "parentbased_always_on" in (second.setting or "")


def test_ends_that_note_different_ids_are_told_apart_from_absent_ones() -> None:
    """Sent and taken, and nothing matches: the ids differ."""
    sent = hop(receiver=None, taken_count=0, matched_count=0)
    taken = hop(sender=None, sent_count=0, matched_count=0, taken_count=90, alone_count=80)
    [each] = advice(Seen(hops=[sent, taken]))

    assert each.hop == "orders-api → orders-q → payment"
    assert "have no id in common" in each.seen
    assert "MessageId" in each.fix
    assert each.gain == 80


def test_messages_nobody_sent_ask_for_the_sender() -> None:
    """Without a context, and on Lambda: the propagators too, in the receiver's language."""
    taken = hop(sender=None, sent_count=0, matched_count=0, taken_count=1204, bare_count=1204,
                alone_count=1180)  # fmt: skip
    [each] = advice(Seen(hops=[taken], runtimes={"payment": Runtime("aws", "python")}))

    assert each.seen == (
        "1,204 messages that payment took from orders-q came from nobody known and without a trace "
        "context."
    )
    assert "does not look into the envelope that SNS" in each.fix
    assert (each.gain, each.setting) == (1180, PROPAGATORS)


def test_messages_nobody_took_may_wait_or_be_handled_elsewhere() -> None:
    """Where others of the queue were taken, the consumer is known and something else is wrong."""
    sent = hop(receiver=None, taken_count=0, matched_count=0, sent_count=10)
    [nobody] = advice(Seen(hops=[sent]))
    [some] = advice(Seen(hops=[hop(), sent]))

    assert (nobody.hop, nobody.effect) == ("orders-api → orders-q → ?", GOES_ON)
    assert some.seen.startswith("10 of 110 messages")
    assert "payment took the others" in some.seen


def test_messages_without_context_stay_joined() -> None:
    """By their ids: there is nothing to gain but the sender's span."""
    [each] = advice(Seen(hops=[hop(bare_count=100)]))

    assert "joined by message ids alone" in each.seen
    assert each.gain is None


def test_segments_of_x_ray_as_parents_name_the_propagator() -> None:
    """A caller outside is no fault: nothing is said about it."""
    assert advice(Seen(parents=[MissingParents("orders-api", 30, 30, 30)])) == []
    [each] = advice(Seen(parents=[MissingParents("inventory", 30, 0, 30)]))
    [other] = advice(Seen(parents=[MissingParents("inventory", 30, 0, 0)]))

    assert "xray-lambda" in each.fix
    assert each.setting == PROPAGATORS
    assert "force_flush" in other.fix


def test_inferred_hops_say_what_would_make_them_exact() -> None:
    """A correlation id can be replaced by an exact key; an object's key can hardly be."""
    by_id = InferredHop("payment", "inventory", None, Kind.CORRELATION, 290)
    by_object = InferredHop("upload-api", "scan", "incoming", Kind.OBJECT, 1)
    first, second = advice(Seen(inferred=[by_id, by_object]))

    assert first.seen == "inventory follows payment by a correlation id alone in 290 event traces."
    assert second.hop == "upload-api → incoming → scan"
    assert "1 event trace." in second.seen
    assert "as sure as it gets" in second.fix


def test_a_message_whose_trace_goes_on_needs_no_id() -> None:
    """The consumer noted none, but its span is a child of the sender's."""
    carried = hop(receiver=None, taken_count=0, matched_count=0, carried_count=100)

    assert advice(Seen(hops=[carried])) == []


def test_endless_names_are_cut() -> None:
    """A sentence stays a sentence."""
    [each] = advice(Seen(inferred=[InferredHop("a" * 500, "b", None, Kind.CORRELATION, 1)]))

    assert len(each.seen) < 200
