"""Event traces made by hand, for what draws them: an order with everything in it, a large one.

Times are milliseconds since the event began.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from collector.model.event_trace import (
    Delivery,
    EventJoint,
    EventSpan,
    EventTrace,
    EventTraceSummary,
    IgnoredKey,
    Phantom,
    Segment,
    Wait,
)
from collector.model.log import LogRecord
from collector.model.span import Event, Link, Resource, Scope, Span

MS: Final = 1_000_000
START_NS: Final = 1_795_200_000_000_000_000  # 2026-11-20 18:40 UTC


class Story:
    """Collects the parts of an event trace; ids are numbers made of what they name."""

    def __init__(self, event_trace_id: str = "5a6a000000000001", start_ns: int = START_NS) -> None:
        self.id, self.start_ns = event_trace_id, start_ns
        self.spans: list[EventSpan] = []
        self.deliveries: list[Delivery] = []
        self.joints: list[EventJoint] = []
        self.waits: list[Wait] = []
        self.path: list[Segment] = []
        self.phantoms: list[Phantom] = []
        self.logs: list[LogRecord] = []
        self.ignored: list[IgnoredKey] = []

    def at(self, ms: float) -> int:
        """The time so many milliseconds after the event began."""
        return self.start_ns + round(ms * MS)

    def span(
        self,
        name: str,
        function: str | None,
        start: float,
        length: float | None,
        *,
        part: int,
        delivery: str | None = None,
        parent: str | None = None,
        kind: str = "internal",
        error: str | None = None,
        shared: bool = False,
        attributes: Mapping[str, Any] | None = None,
        events: Sequence[Event] = (),
        links: Sequence[Link] = (),
    ) -> str:
        """Adds a span of a part (its fragment and trace) and returns its id."""
        span_id = f"{0xA000 + len(self.spans):016x}"
        span = Span(
            trace_id=f"{part:032x}",
            span_id=span_id,
            parent_span_id=parent,
            name=name,
            kind=kind,
            start_ns=self.at(start),
            duration_ns=None if length is None else round(length * MS),
            status="error" if error else "unset",
            status_message=error,
            function=function,
            service=function,
            invocation_id=None,
            cold_start=None,
            trigger=None,
            correlation_id="ord-1042",
            destination=None,
            message_id=None,
            error_type=None,
            trace_state=None,
            flags=None,
            attributes=dict(attributes or {}),
            resource=Resource(function=function, attributes={"cloud.region": "eu-central-1"}),
            scope=Scope("tests"),
            events=tuple(events),
            links=tuple(links),
        )
        fragment = f"{part + 0x500:016x}" if shared else f"{part:016x}"
        self.spans.append(EventSpan(span, fragment, shared, None if shared else delivery))
        return span_id

    def delivery(
        self, name: str, function: str | None, start: float, end: float | None, **more: Any
    ) -> str:
        """Adds a delivery; ``part`` is the number of its fragment."""
        part = more.pop("part")
        known: dict[str, Any] = {
            "queue": None,
            "message_id": None,
            "invocation_id": None,
            "span_id": None,
            "attempt": 1,
            "attempts": 1,
            "batch_size": None,
            "outcome": "ok",
            "ended_in": None,
            "cold_start": False,
        }
        self.deliveries.append(
            Delivery(
                delivery_id=name,
                fragment_id=f"{part:016x}",
                function=function,
                trace_id=f"{part:032x}",
                start_ns=self.at(start),
                end_ns=None if end is None else self.at(end),
                **(known | more),
            )
        )
        return name

    def joint(
        self, source: int, target: int, evidence: str, key: str, confidence: float, **more: Any
    ) -> None:
        """Ties two parts; below 0.85 it is a guess."""
        self.joints.append(
            EventJoint(
                f"{source:016x}",
                f"{target:016x}",
                evidence,
                key,
                confidence,
                exact=confidence > 0.85,
                **more,
            )
        )

    def wait(
        self, kind: str, label: str, start: float, end: float, delivery: str, **more: Any
    ) -> None:
        """Adds a wait, and the stretch of the critical path that it is."""
        self.waits.append(Wait(kind, label, self.at(start), self.at(end), delivery, **more))
        self.step(kind, label, start, end)

    def step(
        self, kind: str, label: str, start: float, end: float, span: str | None = None
    ) -> None:
        """Adds a stretch of the critical path."""
        self.path.append(Segment(kind, label, self.at(start), self.at(end), span))

    def log(self, text: str, function: str, at: float, span: str | None, severity: int = 9) -> None:
        """Adds a log record."""
        trace_id = next((s.span.trace_id for s in self.spans if s.span.span_id == span), None)
        self.logs.append(
            LogRecord(
                time_ns=self.at(at),
                severity_number=severity,
                severity_text=None,
                body=text,
                event_name=None,
                trace_id=trace_id,
                span_id=span,
                function=function,
                service=function,
                invocation_id=None,
                correlation_id=None,
                attributes={},
                resource_attributes={},
                key=f"{len(self.logs)}",
            )
        )

    def told(self, sentence: str, status: str = "ok", **more: Any) -> EventTrace:
        """The event trace of all that was added."""
        ends = [each.span.end_ns for each in self.spans] + [d.end_ns or 0 for d in self.deliveries]
        functions = tuple(
            dict.fromkeys(d.function for d in sorted(self.deliveries, key=lambda d: d.start_ns))
        )
        summary: dict[str, Any] = {
            "event_trace_id": self.id,
            "start_ns": self.start_ns,
            "duration_ns": max(ends, default=self.start_ns) - self.start_ns,
            "status": status,
            "root_function": functions[0] if functions else None,
            "functions": tuple(name for name in functions if name),
            "path": tuple(name for name in functions if name),
            "shape_id": "00000000000000aa",
            "trace_ids": tuple(dict.fromkeys(each.span.trace_id for each in self.spans)),
            "correlation_ids": ("ord-1042",),
            "invocation_count": len(self.deliveries),
            "hop_count": len(self.joints),
            "retry_count": sum(d.attempt > 1 for d in self.deliveries),
            "duplicate_count": 0,
            "cold_start_count": sum(bool(d.cold_start) for d in self.deliveries),
            "queue_wait_ns": sum(
                w.end_ns - w.start_ns for w in self.waits if w.kind == "queue_wait"
            ),
            "phantom_count": len(self.phantoms),
            "span_count": len(self.spans),
            "error_count": sum(each.span.status == "error" for each in self.spans),
            "confidence": min((joint.confidence for joint in self.joints), default=1.0),
        }
        return EventTrace(
            summary=EventTraceSummary(**(summary | more)),
            spans=tuple(sorted(self.spans, key=lambda each: each.span.start_ns)),
            deliveries=tuple(sorted(self.deliveries, key=lambda each: each.start_ns)),
            joints=tuple(self.joints),
            waits=tuple(self.waits),
            critical_path=tuple(sorted(self.path, key=lambda each: each.start_ns)),
            phantoms=tuple(self.phantoms),
            logs=tuple(sorted(self.logs, key=lambda each: each.time_ns)),
            ignored_keys=tuple(self.ignored),
            sentence=sentence,
            clock_notes=("payment's clock is 42 ms behind that of orders-worker.",),
        )


def order() -> EventTrace:
    """Five functions: queue waits, a retry, a batch, a dead letter put back, what never came."""
    story = Story()
    _accept(story)
    _work(story)
    _pay(story)
    _ship(story)
    _notify(story)
    story.phantoms.append(
        Phantom(
            "parent",
            "parent of reserve stock",
            "Lambda's own X-Ray segment is not exported: span 53995c3f42cd8ad8 is named as a "
            "parent and never arrived.",
            f"{4:016x}",
            "53995c3f42cd8ad8",
            story.at(21_150),
            story.at(21_900),
        )
    )
    story.ignored += [
        IgnoredKey(
            "correlation id", "checkout", "it is the same in 1,204 events: a constant", 1204
        ),
        IgnoredKey("session id", "sess-77", "a session describes many events and ties none", 31),
    ]
    return story.told(
        "41.2 s end to end, of which 12.4 s waiting in orders-q and 12 s backing off; 2 retries; "
        "dead-lettered once and put back",
        "ok",
        path=("orders-api", "[orders-q]", "orders-worker", "[payments]", "payment", "shipping",
              "[mail]", "notify"),
    )  # fmt: skip


def _accept(story: Story) -> None:
    story.delivery("in-api", "orders-api", 0, 420, part=1, invocation_id="inv-1", cold_start=True,
                   init_ns=240 * MS)  # fmt: skip
    root = story.span(
        "POST /orders", "orders-api", 0, 420, part=1, delivery="in-api", kind="server",
        attributes={"http.route": "/orders", "order_id": "ord-1042"},
    )  # fmt: skip
    story.span("DynamoDB.PutItem", "orders-api", 260, 70, part=1, delivery="in-api", parent=root)
    send = story.span(
        "orders-q send", "orders-api", 350, 50, part=1, delivery="in-api", parent=root,
        kind="producer", attributes={"messaging.destination.name": "orders-q"},
    )  # fmt: skip
    story.step("compute", "orders-api", 0, 400, root)
    story.wait("queue_wait", "waiting in orders-q", 400, 12_800, "in-worker", source_span_id=send)
    story.log("order ord-1042 accepted", "orders-api", 300, root)
    story.joint(1, 2, "message id", "c36a12f0-0c6d-4b1e-9d0b-5b1b7a7a1a01", 0.95,
                source_span_id=send)  # fmt: skip


def _work(story: Story) -> None:
    story.delivery("in-worker", "orders-worker", 12_900, 13_700, part=2, queue="orders-q",
                   message_id="c36a12f0", batch_size=10)  # fmt: skip
    batch = story.span("orders-worker", "orders-worker", 12_800, 1_800, part=2, kind="server",
                       shared=True)  # fmt: skip
    story.span("load prices", "orders-worker", 14_000, 400, part=2, parent=batch, shared=True)
    handle = story.span("process order", "orders-worker", 12_900, 800, part=2, parent=batch,
                        delivery="in-worker", kind="consumer")  # fmt: skip
    story.span("reserve", "orders-worker", 13_000, 300, part=2, parent=handle, delivery="in-worker")
    send = story.span("payments send", "orders-worker", 13_500, 100, part=2, parent=handle,
                      delivery="in-worker", kind="producer")  # fmt: skip
    story.step("compute", "orders-worker", 12_800, 13_600, handle)
    story.wait("queue_wait", "waiting in payments", 13_600, 14_900, "pay-1", source_span_id=send)
    story.log("10 orders taken from orders-q", "orders-worker", 12_850, batch)
    story.log("stock reserved", "orders-worker", 13_310, handle)
    story.joint(2, 3, "correlation id", "ord-1042", 0.8)


def _pay(story: Story) -> None:
    known = {"part": 3, "queue": "payments", "message_id": "pay-77", "attempts": 3}
    for attempt, start, end in ((1, 14_900, 15_700), (2, 18_700, 19_400), (3, 20_600, 21_000)):
        name, failed = f"pay-{attempt}", attempt < 3
        before = start - (3_000 if attempt == 2 else 1_200)
        if attempt > 1:
            story.wait("retry_backoff", f"before attempt {attempt} of payment", before, start, name)
        story.delivery(name, "payment", start, end, attempt=attempt,
                       outcome="error" if failed else "ok",
                       ended_in="retried" if failed else None, **known)  # fmt: skip
        root = story.span("charge order", "payment", start, end - start, part=3, delivery=name,
                          kind="consumer", error="card issuer answered 503" if failed else None,
                          events=_exception(story, start + 500) if failed else ())  # fmt: skip
        story.span("POST api.cards.example/charge", "payment", start + 60, end - start - 120,
                   part=3, delivery=name, parent=root, kind="client",
                   error="503" if failed else None)  # fmt: skip
        story.step("downstream", "api.cards.example", start, end, root)
        story.log("card issuer answered 503" if failed else "card charged", "payment", end - 80,
                  root, 17 if failed else 9)  # fmt: skip
    story.joint(3, 4, "event id", "4f6e6a2e-7a0e-4b1d-9c39-9a17f4f0d2aa", 0.9)


def _exception(story: Story, at: float) -> tuple[Event, ...]:
    about = {"exception.type": "GatewayError", "exception.message": "card issuer answered 503"}
    return (Event(story.at(at), "exception", about),)


def _ship(story: Story) -> None:
    story.wait("cold_start", "cold start of shipping", 21_000, 22_100, "ship")
    story.delivery("ship", "shipping", 22_100, 23_000, part=4, cold_start=True, init_ns=900 * MS)
    root = story.span("reserve stock", "shipping", 22_100, 900, part=4, delivery="ship",
                      parent="53995c3f42cd8ad8", kind="server")  # fmt: skip
    send = story.span("mail send", "shipping", 22_800, 100, part=4, delivery="ship", parent=root,
                      kind="producer")  # fmt: skip
    story.step("compute", "shipping", 22_100, 22_900, root)
    story.wait("queue_wait", "waiting in mail", 22_900, 24_000, "mail-1", source_span_id=send)
    story.log("parcel DHL-118 booked", "shipping", 22_700, root)
    story.joint(4, 5, "message id", "mail-9", 0.95, source_span_id=send)


def _notify(story: Story) -> None:
    story.delivery("mail-1", "notify", 24_000, None, part=5, queue="mail", message_id="mail-9",
                   invocation_id="inv-55", outcome="error", ended_in="redriven")  # fmt: skip
    story.phantoms.append(
        Phantom("invocation", "notify", "notify timed out after 3 s; no span of it arrived",
                f"{5:016x}", None, story.at(24_000), story.at(27_000))
    )  # fmt: skip
    story.step("unknown", "notify", 24_000, 27_000)
    story.delivery("alarm", "mail-alarm", 28_100, 28_400, part=7, queue="mail-dlq",
                   message_id="mail-9", dead_letter=True)  # fmt: skip
    story.span("page the operator", "mail-alarm", 28_100, 300, part=7, delivery="alarm")
    story.joint(5, 7, "message id", "mail-9", 0.95)
    story.step("unknown", "nothing is known of this time", 27_000, 38_000)
    story.delivery("mail-2", "notify", 38_900, 41_200, part=6, queue="mail", message_id="mail-9b")
    root = story.span("send mail", "notify", 38_900, 2_300, part=6, delivery="mail-2",
                      kind="consumer")  # fmt: skip
    story.wait("queue_wait", "waiting in mail", 38_000, 38_900, "mail-2")
    story.step("compute", "notify", 38_900, 41_200, root)
    story.log("mail sent to anna@example.com", "notify", 41_000, root)
    story.joint(5, 6, "correlation id", "ord-1042", 0.8)


def large(size: int = 2_000, deliveries: int = 100) -> EventTrace:
    """A fan-out: one function sends to many deliveries of four others."""
    story = Story("b16b00b500000001")
    story.delivery("root", "split-document", 0, 900, part=1)
    root = story.span("split document", "split-document", 0, 900, part=1, delivery="root")
    each = size // deliveries
    for number in range(deliveries):
        name, start = f"page-{number}", 400 + number * 37
        story.delivery(name, f"page-worker-{number % 4}", start, start + 800, part=2 + number,
                       queue="pages", message_id=f"m-{number}")  # fmt: skip
        story.waits.append(Wait("queue_wait", "waiting in pages", story.at(100 + number * 7),
                                story.at(start), name, root))  # fmt: skip
        parent: str | None = None
        for step in range(each):
            parent = story.span(
                f"step {step} of page {number}", f"page-worker-{number % 4}",
                start + step * 20, max(10, 800 - step * 40), part=2 + number, delivery=name,
                parent=parent, error="page could not be read" if number % 17 == 5 else None,
            )  # fmt: skip
        story.joint(1, 2 + number, "message id", f"m-{number}", 0.95, source_span_id=root)
        story.log(f"page {number} read", f"page-worker-{number % 4}", start + 500, parent)
    story.step("compute", "split-document", 0, 793, root)
    story.step("queue_wait", "waiting in pages", 793, 4_063)
    story.step("compute", "page-worker-3", 4_063, 4_863, parent)
    return story.told("4.9 s end to end, of which 3.1 s waiting in pages", "ok")
