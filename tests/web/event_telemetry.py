"""Telemetry whose event traces are worth a look: a retried order, and a fan-out of 2,000 spans.

Sent as functions send it: each function a trace of its own, tied by message ids only.
"""

from collections.abc import Iterator
from typing import Any, Final

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.build import Request, event, export_request, log, resource, resource_group, span, span_id

MS: Final = 1_000_000


def _trace_id(name: str, number: int) -> bytes:
    return name.encode().ljust(12, b"-")[:12] + number.to_bytes(4, "big")


ORDER: Final = "ord-7f3a9c21"
DOCUMENT: Final = "doc-5be21d70"
ORDER_TRACE: Final = _trace_id(ORDER, 1).hex()
DOCUMENT_TRACE: Final = _trace_id(DOCUMENT, 1).hex()
_CONSUMER: Final = Span.SPAN_KIND_CONSUMER
_PRODUCER: Final = Span.SPAN_KIND_PRODUCER


def order(start_ns: int, order_id: str = ORDER) -> Iterator[Request]:
    """POST /orders, 8 s in a queue, a payment that fails, 6 s of back-off, and one that works."""
    message = _message(order_id)
    api = _trace(order_id, 1)
    root = api("POST /orders", start_ns, 320, order=order_id)
    sent = api(
        "payments send",
        start_ns + 250 * MS,
        60,
        parent=root,
        kind=_PRODUCER,
        messaging__destination__name="payments",
        messaging__message__id=message,
        messaging__operation__type="send",
    )
    yield _exported("orders-api", root, sent)
    yield _said("orders-api", f"order {order_id} accepted", start_ns + 300 * MS, root)
    for attempt, (start, failure) in enumerate(
        ((8_400, "card issuer answered 503"), (15_200, None))
    ):
        begun = start_ns + start * MS
        pay = _trace(order_id, 2 + attempt)
        handled = pay(
            "payments process",
            begun,
            900,
            kind=_CONSUMER,
            error=failure,
            events=[event("exception", begun + 800 * MS, exception__message=failure)]
            if failure
            else [],
            messaging__destination__name="payments",
            messaging__message__id=message,
            messaging__operation__type="process",
        )
        charged = pay("POST /charge", begun + 50 * MS, 780, parent=handled, error=failure)
        yield _exported("payment", handled, charged)
        words = failure or f"card charged for {order_id}"
        yield _said("payment", words, begun + 850 * MS, handled, 17 if failure else 9)


def fan_out(start_ns: int, pages: int = 100, steps: int = 19) -> Iterator[Request]:
    """One function sends a message for each page of a document; each is read in many steps."""
    split = _trace(DOCUMENT, 1)
    root = split("split document", start_ns, 900)
    sends = [
        split(
            "pages send",
            start_ns + number * 8 * MS,
            6,
            parent=root,
            kind=_PRODUCER,
            messaging__destination__name="pages",
            messaging__message__id=_message(f"{DOCUMENT}-{number}"),
        )
        for number in range(pages)
    ]
    yield _exported("split-document", root, *sends)
    for number in range(pages):
        read = _trace(DOCUMENT, 2 + number)
        begun = start_ns + (900 + number * 37) * MS
        failure = "page could not be read" if number % 17 == 5 else None
        handled = read(
            "pages process",
            begun,
            800,
            kind=_CONSUMER,
            error=failure,
            messaging__destination__name="pages",
            messaging__message__id=_message(f"{DOCUMENT}-{number}"),
        )
        own = [handled]
        for step in range(steps - 1):
            own.append(read(f"step {step}", begun + step * 20 * MS, 400, parent=own[step // 3]))
        yield _exported(f"page-worker-{number % 4}", *own)


def everything(until_ns: int) -> Iterator[Request]:
    """Both, within the two minutes that end at ``until_ns``."""
    yield from order(until_ns - 120_000 * MS)
    yield from fan_out(until_ns - 90_000 * MS)


def _trace(name: str, number: int):  # type: ignore[no-untyped-def]
    """Makes spans of one trace."""
    trace_id = _trace_id(name, number)

    def made(
        words: str, start_ns: int, length: float, parent: Span | None = None, **more: Any
    ) -> Span:
        fields = {key: more.pop(key) for key in ("kind", "error", "events") if key in more}
        return span(
            words,
            trace_id=trace_id,
            id=span_id(),
            parent_id=parent.span_id if parent else b"",
            start_ns=start_ns,
            duration_ns=round(length * MS),
            attributes={key.replace("__", "."): each for key, each in more.items()},
            **fields,
        )

    return made


def _message(name: str) -> str:
    """A message id as SQS makes them."""
    digits = name.encode().hex().rjust(32, "7")[-32:]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _exported(function: str, *spans: Span) -> Request:
    sender = resource(faas__name=function, service__name=function)
    return export_request(resource_group(*spans, resource=sender))


def _said(function: str, words: str, time_ns: int, about: Span, severity: int = 9) -> Request:
    record = log(
        words, time_ns=time_ns, severity=severity, trace_id=about.trace_id, span_id=about.span_id
    )
    sender = resource(faas__name=function, service__name=function)
    return export_request(resource_group(record, resource=sender))
