"""Whole small traffic through the rules: which parts become one event, and which must not."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from collector.model.stitching.facts import LinkFacts, LogFacts, SpanFacts
from collector.model.stitching.fragments import fragment_trace, log_fragments
from collector.model.stitching.joints import Stitched, stitch
from tests.build import NOW_NS

SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
SECOND = 1_000_000_000
XRAY = "6b006070c0ffee0011223344"  # begins with the time in seconds: that of the tests
Place = tuple[str, str]


@dataclass
class Traffic:
    """Traces by a short name, and log records that name no trace."""

    traces: dict[str, list[SpanFacts]] = field(default_factory=dict)
    trace_logs: dict[str, list[LogFacts]] = field(default_factory=dict)
    loose: list[LogFacts] = field(default_factory=list)
    places: dict[object, set[str]] = field(default_factory=dict)

    def span(
        self,
        trace: str,
        name: str,
        function: str,
        at_s: float,
        *,
        parent: str | None = None,
        kind: int = SERVER,
        seconds: float = 1,
        links: Sequence[Place] = (),
        **more: object,
    ) -> None:
        """A span known by its trace's and its own name."""
        start_ns = ns(at_s)
        self.traces.setdefault(trace, []).append(
            SpanFacts(
                span_id=span_id(name),
                parent_id=None if parent is None else span_id(parent),
                name=name,
                kind=kind,
                start_ns=start_ns,
                end_ns=start_ns + int(seconds * SECOND),
                failed=False,
                function=function,
                links=tuple(LinkFacts(trace_id(t), span_id(s)) for t, s in links),
                **more,  # type: ignore[arg-type]
            )
        )

    def stitched(self) -> Stitched:
        """What the rules make of it."""
        cuts = [
            *(
                fragment_trace(trace_id(name), spans, self.trace_logs.get(name, ()))
                for name, spans in self.traces.items()
            ),
            log_fragments(self.loose),
        ]
        self.places = {}
        for name, cut in zip(self.traces, cuts, strict=False):
            for span in self.traces[name]:
                home = self.places.setdefault(cut.of_span[span.span_id], set())
                home.add(f"{name}/{span.name}")
        return stitch(
            [each for cut in cuts for each in cut.fragments],
            [each for cut in cuts for each in cut.occurrences],
        )

    def events(self) -> list[set[str]]:
        """The spans of each event trace, as ``trace/span``; without those that are shared."""
        return [
            set().union(*(self.places.get(each, set()) for each in members))
            for members in self.stitched().events().values()
        ]


def ns(at_s: float) -> int:
    """So many seconds after the start of the traffic."""
    return NOW_NS + int(at_s * SECOND)


def trace_id(name: str) -> str:
    """32 hex digits of a short name; one of X-Ray's for "xray"."""
    return (XRAY if name == "xray" else name.encode().hex()).ljust(32, "0")


def span_id(name: str) -> str:
    """16 hex digits of a short name."""
    return name.encode().hex().ljust(16, "0")[:16]


def together(traffic: Traffic, *places: str) -> bool:
    """True when one event trace holds all of these spans."""
    return any(set(places) <= event for event in traffic.events())


def test_a_log_of_the_sender_names_the_trace_the_receiver_links_to() -> None:
    """X-Ray's segment is never exported: the sender's JSON log line is what leads to it."""
    xray = "xray"
    traffic = Traffic()
    traffic.span("a", "api", "api", 0, trigger="http", invocation_id="req-1a2b-3c4d-5e6f")
    traffic.loose.append(
        LogFacts(ns(1), None, "api", "req-1a2b-3c4d-5e6f", keys=("t" + trace_id(xray),))
    )
    traffic.span("b", "worker", "worker", 2, trigger="pubsub")
    traffic.span(
        "b", "process q", "worker", 2, parent="worker", kind=CONSUMER, links=[(xray, "segment")]
    )

    assert together(traffic, "a/api", "b/worker")


def test_receivers_of_one_batch_are_not_joined_by_its_xray_trace() -> None:
    """All messages that a batch sends on carry the X-Ray trace of the batch: it is nobody's."""
    traffic = Traffic()
    for name in ("b", "c"):
        traffic.span(name, "worker", "worker", 2, trigger="pubsub")
        traffic.span(
            name, "process q", "worker", 2, parent="worker", kind=CONSUMER,
            links=[("xray", "segment")],
        )  # fmt: skip

    assert not together(traffic, "b/worker", "c/worker")


def test_a_function_that_reports_the_last_event_s_id_does_not_glue_two_traces() -> None:
    """One trace, its entry names its own id, a later function another's: the entry is right."""
    traffic = Traffic()
    traffic.span("a", "api", "api", 0, trigger="http", correlation_id="order-1")
    traffic.span("b", "api", "api", 5, trigger="http", correlation_id="order-2")
    traffic.span("b", "send q", "api", 5.1, parent="api", kind=PRODUCER)
    traffic.span(
        "b", "worker", "worker", 7, parent="send q", trigger="pubsub", correlation_id="order-1"
    )

    assert not together(traffic, "a/api", "b/api")


def test_a_left_over_log_line_does_not_make_a_message_a_batch() -> None:
    """The span that handles the message says whose it is; a line of its log names the last one."""
    traffic = Traffic()
    for number, name in ((1, "a"), (2, "b")):
        traffic.span(
            name, "api", "api", number * 5, trigger="http", correlation_id=f"order-{number}"
        )
    for number, name in ((1, "c"), (2, "d")):
        at_s = number * 5 + 2
        traffic.span(name, "worker", "worker", at_s, trigger="pubsub", invocation_id=f"req-{name}")
        traffic.span(
            name, "process q", "worker", at_s, parent="worker", kind=CONSUMER,
            correlation_id=f"order-{number}",
        )  # fmt: skip
    traffic.trace_logs["d"] = [
        LogFacts(ns(12.5), span_id("worker"), "worker", correlation_id="order-1")
    ]

    assert together(traffic, "a/api", "c/worker", "c/process q")
    assert together(traffic, "b/api", "d/worker", "d/process q")
    assert not together(traffic, "a/api", "d/worker")
    assert not together(traffic, "a/api", "b/api")


def test_xray_s_id_beside_a_correlation_id_does_not_make_a_batch() -> None:
    """Powertools writes both on every line; one event, one invocation."""
    traffic = Traffic()
    traffic.span("a", "api", "api", 0, trigger="http", correlation_id="order-1")
    traffic.span("b", "worker", "worker", 2, trigger="pubsub", invocation_id="req-1a2b-3c4d-5e6f")
    traffic.loose += [
        LogFacts(
            ns(2.5), None, "worker", "req-1a2b-3c4d-5e6f",
            correlation_id=trace_id("xray"), keys=("t" + trace_id("xray"),),
        ),
        LogFacts(ns(3), None, "worker", "req-1a2b-3c4d-5e6f", correlation_id="order-1"),
    ]  # fmt: skip

    assert together(traffic, "a/api", "b/worker")


def test_the_parent_is_first_where_clocks_tick_in_milliseconds() -> None:
    """A child that starts at the very time of its parent does not say where the trace began."""
    traffic = Traffic()
    traffic.span("a", "POST /", "zz-api", 0, correlation_id="order-1")
    traffic.span("a", "A child", "store", 0, parent="POST /", kind=CLIENT)
    cut = fragment_trace(trace_id("a"), traffic.traces["a"])

    assert cut.fragments[0].entry
    assert cut.fragments[0].function == "zz-api"


def test_spans_for_each_message_part_a_batch_without_any_id() -> None:
    """Below the span of the batch each CONSUMER handles one message, whatever it names."""
    traffic = Traffic()
    traffic.span("b", "worker", "worker", 0, trigger="pubsub")
    traffic.span(
        "b", "batch", "worker", 0, parent="worker", kind=CONSUMER, destination="q", keys=("b2",)
    )
    for number in (1, 2):
        one = f"one {number}"
        traffic.span("b", one, "worker", number, parent="batch", kind=CONSUMER, destination="q")
        traffic.span("b", f"send {number}", "worker", number, parent=one, kind=PRODUCER)
        traffic.span(
            f"c{number}", "next", "next", number + 5, kind=CONSUMER,
            links=[("b", f"send {number}")],
        )  # fmt: skip

    assert together(traffic, "b/one 1", "b/send 1", "c1/next")
    assert together(traffic, "b/one 2", "b/send 2", "c2/next")
    assert not together(traffic, "c1/next", "c2/next")


def test_spans_for_each_message_may_name_events_instead_of_messages() -> None:
    """CloudEvents: the span of each message names the event that caused it."""
    traffic = Traffic()
    for number in (1, 2):
        traffic.span(f"a{number}", "api", "api", number, trigger="http")
        traffic.span(
            f"a{number}", "put", "api", number, parent="api", kind=PRODUCER,
            keys=(f"e/shop\nevent-{number}-0a1b2c3d",),
        )  # fmt: skip
    traffic.span("b", "worker", "worker", 5, trigger="pubsub")
    traffic.span("b", "batch", "worker", 5, parent="worker", kind=CONSUMER, keys=("b2",))
    for number in (1, 2):
        traffic.span(
            "b", f"one {number}", "worker", 5, parent="batch", kind=CONSUMER,
            keys=(f"e/shop\nevent-{number}-0a1b2c3d",),
        )  # fmt: skip

    assert together(traffic, "a1/api", "b/one 1")
    assert together(traffic, "a2/api", "b/one 2")
    assert not together(traffic, "a1/api", "a2/api")


def test_attempts_of_a_message_that_a_batch_sent_are_one_event() -> None:
    """Whose message it was nobody can say, but both attempts took the same one."""
    traffic = Traffic()
    traffic.span("a", "batch", "sender", 0, trigger="pubsub", kind=CONSUMER,
                 links=[("x", "one"), ("y", "two")])  # fmt: skip
    for number in (1, 2):
        traffic.span("a", f"send {number}", "sender", number, parent="batch", kind=PRODUCER,
                     destination="q", message_id=f"0c023b7f-066b-4719-a455-fea2971d3ed{number}",
                     )  # fmt: skip
    for name in ("b", "c"):
        traffic.span(name, "worker", "worker", 9, kind=CONSUMER, destination="q",
                     message_id="0c023b7f-066b-4719-a455-fea2971d3ed1")  # fmt: skip

    assert together(traffic, "b/worker", "c/worker")


def test_an_event_s_id_may_be_called_the_correlation_id() -> None:
    """Powertools does so for EventBridge; that the receiver has an id of its own is no matter."""
    event_id = "7d1f0c52-9d56-4a4e-8a50-4f3d6f5f9c11"
    traffic = Traffic()
    traffic.span("a", "api", "api", 0, trigger="http", keys=("e" + event_id,))
    traffic.span("b", "worker", "worker", 2, correlation_id="order-1", invocation_id="req-4-a1b2c3")
    traffic.loose.append(LogFacts(ns(2.1), None, "worker", "req-4-a1b2c3", correlation_id=event_id))

    assert together(traffic, "a/api", "b/worker")


def test_a_random_uuid_that_begins_like_a_time_is_still_a_correlation_id() -> None:
    """Its first digits are those of a day last week, by chance; X-Ray makes no such ids."""
    chance = "6af4fe31af2b443eb733ed10d3dd118c"
    traffic = Traffic()
    traffic.span("a", "api", "api", 0, trigger="http", correlation_id=chance)
    traffic.span("b", "worker", "worker", 2, trigger="pubsub", correlation_id=chance)

    assert together(traffic, "a/api", "b/worker")


def test_what_a_batch_logs_of_no_message_is_no_event() -> None:
    """A line of the invocation that names no trace and no id is shared, as its spans are."""
    traffic = Traffic()
    traffic.span("b", "worker", "worker", 0, trigger="pubsub", invocation_id="req-1a2b-3c4d-5e6f")
    traffic.span("b", "process q", "worker", 0, parent="worker", kind=CONSUMER,
                 links=[("x", "one"), ("y", "two")])  # fmt: skip
    traffic.loose.append(LogFacts(ns(1), None, "worker", "req-1a2b-3c4d-5e6f"))

    assert len(traffic.stitched().events()) == 2


def test_what_a_lost_message_did_is_not_the_other_message_s() -> None:
    """Two messages at once, the span of one got lost: what hung below it is shared, not guessed."""
    traffic = Traffic()
    traffic.span("b", "worker", "worker", 0, trigger="pubsub", seconds=9)
    traffic.span("b", "batch", "worker", 0, parent="worker", kind=CONSUMER, seconds=9, keys=("b2",))
    traffic.span(
        "b", "one", "worker", 1, parent="batch", kind=CONSUMER, seconds=8, links=[("x", "send")]
    )
    traffic.span("b", "of the other", "worker", 2, parent="lost", kind=CLIENT)

    assert not together(traffic, "b/one", "b/of the other")


def test_host_and_worker_of_azure_report_one_batch() -> None:
    """The worker names the app, not the function; the invocation id is that of the host's span."""
    traffic = Traffic()
    same = "7d1f0c52-9d56-4a4e-8a50-4f3d6f5f9c11"
    traffic.span("b", "host", "resize", 0, trigger="pubsub", invocation_id=same)
    traffic.span("b", "Invoke", "shop-app", 0, parent="host", kind=1, invocation_id=same)
    traffic.span("b", "process q", "shop-app", 0, parent="Invoke", kind=CONSUMER,
                 links=[("x", "one"), ("y", "two")])  # fmt: skip

    assert len(traffic.stitched().events()) == 2
