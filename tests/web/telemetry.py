"""Telemetry for looking at pages: an order saga, a trace of 2,000 spans, and hostile text.

Everything ends at ``until_ns`` and is the same at each call: a screenshot that differs differs
because the page does.
"""

import random
from collections.abc import Iterator
from typing import Final

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.build import (
    Request,
    counter,
    event,
    export_request,
    gauge,
    link,
    log,
    point,
    resource,
    resource_group,
    span,
    span_id,
)

MINUTE_NS: Final = 60_000_000_000
BIG_TRACE: Final = bytes.fromhex("b16b00b5000000000000000000002000")
SAGA_TRACE: Final = bytes.fromhex("5a6a0000000000000000000000000003")  # one that fails
HOSTILE_TRACE: Final = bytes.fromhex("bad00000000000000000000000000bad")

# Each would run if it reached the page unescaped, in text, in an attribute, in a URL or in JSON.
PAYLOADS: Final = (
    "<script>window.hacked=1</script>",
    '"><img src=x onerror="window.hacked=1">',
    "' autofocus onfocus='window.hacked=1",
    "</script><svg onload=window.hacked=1>",
    '{{ 7*7 }}${7*7}<a href="javascript:window.hacked=1">click</a>',
    "%{customdata}<b>bold</b><br><a href='http://example.com'>out</a>",
)
LONG: Final = "a-very-long-name/" * 30
_HEBREW: Final = "\u05d8\u05e7\u05e1\u05d8"
_ARABIC: Final = "\u0648\u0627\u0644\u0639\u0631\u0628\u064a\u0629"
RIGHT_TO_LEFT: Final = f"\u202e{_HEBREW}\u202c {_ARABIC}\u2066 mixed"
_STACK: Final = (
    "Traceback (most recent call last):\n"
    '  File "payment.py", line 41, in charge\n'
    "    return gateway.charge(order)\n"
    "TimeoutError: card issuer timed out"
)
HOSTILE: Final = f"{PAYLOADS[0]}{PAYLOADS[1]}{RIGHT_TO_LEFT}\n\t{LONG}"


def saga(number: int, start_ns: int) -> Iterator[Request]:
    """One order: API, queue, payment, shipping; every seventh payment fails and is retried."""
    chance = random.Random(number)
    trace_id = SAGA_TRACE[:8] + number.to_bytes(8, "big")
    ids = [span_id(number * 1000 + each + 1) for each in range(8)]
    fails, cold = number % 7 == 3, number % 9 == 2
    unit_ns = int(1_000_000 * chance.lognormvariate(1.6, 0.5))
    order = {"order.id": f"ord-{1000 + number}", "faas.invocation_id": f"inv-{number}"}

    def at(name: str, place: int, parent: int | None, offset: int, length: int, **more: object):  # type: ignore[no-untyped-def]
        return span(
            name,
            trace_id=trace_id,
            id=ids[place],
            parent_id=ids[parent] if parent is not None else b"",
            start_ns=start_ns + offset * unit_ns,
            duration_ns=length * unit_ns,
            **more,
        )

    api = at(
        "POST /orders",
        0,
        None,
        0,
        40,
        attributes={
            "http.route": "/orders",
            "http.response.status_code": 201,
            **order,
            **({"faas.coldstart": True} if cold else {}),
        },
    )
    write = at(
        "DynamoDB.PutItem",
        1,
        0,
        4,
        11,
        kind=Span.SPAN_KIND_CLIENT,
        attributes={"aws.dynamodb.table_names": ["orders"], "rpc.system": "aws-api"},
    )
    send = at(
        "orders-queue send",
        2,
        0,
        18,
        9,
        kind=Span.SPAN_KIND_PRODUCER,
        attributes={
            "messaging.system": "aws_sqs",
            "messaging.destination.name": "orders-queue",
            "messaging.message.id": f"m-{number}",
        },
    )
    handle = at(
        "orders-queue process",
        3,
        2,
        90,
        60,
        kind=Span.SPAN_KIND_CONSUMER,
        links=[link(trace_id, ids[2], **{"messaging.message.id": f"m-{number}"})],
        attributes={"messaging.system": "aws_sqs", **order},
    )
    wrong = (
        {
            "error": "card issuer timed out after 3 attempts",
            "events": [
                event(
                    "exception",
                    start_ns + 130 * unit_ns,
                    **{
                        "exception.type": "TimeoutError",
                        "exception.message": "card issuer timed out",
                        "exception.stacktrace": _STACK,
                    },
                )
            ],
        }
        if fails
        else {}
    )
    charge = at(
        "POST api.cards.example/charge",
        4,
        3,
        100,
        44,
        kind=Span.SPAN_KIND_CLIENT,
        attributes={"server.address": "api.cards.example", "http.request.method": "POST"},
        **wrong,
    )
    publish = at(
        "OrderPaid publish",
        5,
        3,
        145,
        4,
        kind=Span.SPAN_KIND_PRODUCER,
        attributes={"messaging.destination.name": "orders-bus"},
    )
    ship = at(
        "ship-order",
        6,
        5,
        190,
        35,
        kind=Span.SPAN_KIND_CONSUMER,
        attributes={"ship.carrier": "DHL", **order},
    )
    groups = [("orders-api", [api, write, send]), ("payment", [handle, charge, publish])]
    if not fails:
        groups.append(("shipping", [ship]))
    yield export_request(
        *(resource_group(*spans, resource=_function(name)) for name, spans in groups)
    )
    text = "card issuer timed out after 3 attempts" if fails else "issuer answered 200"
    lines = (
        (0, 2, ("INFO", 9, f"order ord-{1000 + number} accepted")),
        (3, 92, ("INFO", 9, "charging card")),
        (4, 131, ("ERROR", 17, text) if fails else ("DEBUG", 5, text)),
    )
    for place, offset, (level, severity, words) in lines:
        record = log(
            words,
            time_ns=start_ns + offset * unit_ns,
            severity=severity,
            severity_text=level,
            attributes={"order.id": f"ord-{1000 + number}", "attempt": 1},
            trace_id=trace_id,
            span_id=ids[place],
        )
        sender = _function("payment" if place > 2 else "orders-api")
        yield export_request(resource_group(record, resource=sender))


def big_trace(start_ns: int, size: int = 2000) -> Iterator[Request]:
    """One trace of many spans, a tree of depth 6 over nine functions, one parent missing."""
    chance = random.Random(7)
    ids = [span_id(9_000_000 + each) for each in range(size)]
    groups: dict[str, list[Span]] = {}
    starts = [0] * size
    for number in range(size):
        parent = (
            None if number == 0 else chance.randrange(max(0, number // 4 - 3), max(1, number // 2))
        )
        starts[number] = (
            0 if parent is None else starts[parent] + chance.randrange(200_000, 9_000_000)
        )
        orphan = number == 17
        groups.setdefault(f"worker-{number % 9}", []).append(
            span(
                f"step {number} of the document pipeline",
                trace_id=BIG_TRACE,
                id=ids[number],
                parent_id=b"" if parent is None else span_id(77) if orphan else ids[parent],
                start_ns=start_ns + starts[number],
                duration_ns=chance.randrange(100_000, 40_000_000) if number else 120_000_000,
                error="page could not be read" if number % 97 == 5 else None,
                attributes={"document.page": number},
            )
        )
    yield export_request(
        *(resource_group(*spans, resource=_function(name)) for name, spans in groups.items())
    )


def hostile(time_ns: int) -> Iterator[Request]:
    """Markup, scripts, right-to-left and endless text in every field OTLP has for text."""
    attributes = {payload: payload for payload in PAYLOADS} | {
        "long": LONG,
        "nested": {HOSTILE: [HOSTILE]},
        RIGHT_TO_LEFT: HOSTILE,
    }
    sender = resource(
        faas__name=HOSTILE,
        service__name=HOSTILE,
        faas__version=PAYLOADS[0],
        **{payload: payload for payload in PAYLOADS},
    )
    spans = [
        span(
            payload + LONG,
            trace_id=HOSTILE_TRACE,
            id=span_id(666 + number),
            parent_id=span_id(665 + number) if number else b"",
            start_ns=time_ns + number * 1_000_000,
            error=HOSTILE,
            attributes=attributes
            | {
                "faas.invocation_id": payload,
                "faas.trigger": payload,
                "messaging.message.id": payload,
                "messaging.destination.name": payload,
            },
            events=[event(payload, time_ns, **attributes)],
            links=[link(HOSTILE_TRACE, span_id(666), **attributes)],
            trace_state=payload.replace("\n", " ")[:200],
        )
        for number, payload in enumerate((*PAYLOADS, HOSTILE))
    ]
    yield export_request(resource_group(*spans, resource=sender))
    for payload in (*PAYLOADS, HOSTILE):
        yield export_request(
            resource_group(
                log(
                    payload,
                    time_ns=time_ns,
                    severity=17,
                    severity_text=payload,
                    event_name=payload,
                    attributes=attributes,
                    trace_id=HOSTILE_TRACE,
                    span_id=span_id(666),
                ),
                log({payload: [payload]}, time_ns=time_ns),
                resource=sender,
            )
        )
        metric = gauge(
            payload,
            point(1.5, time_ns=time_ns, attributes={payload: payload, "kind": payload}),
            unit=payload,
        )
        metric.description = payload
        yield export_request(resource_group(metric, resource=sender))


def metrics(until_ns: int) -> Iterator[Request]:
    """An hour of a gauge and a counter, a point a minute for each of three functions."""
    for name in ("orders-api", "payment", "shipping"):
        chance = random.Random(name)
        total, points, levels = 0, [], []
        for minute in range(60):
            time_ns = until_ns - (60 - minute) * MINUTE_NS
            total += chance.randrange(5, 40)
            points.append(
                point(
                    total,
                    time_ns=time_ns,
                    attributes={"faas.trigger": "http"},
                    start_time_unix_nano=until_ns - 60 * MINUTE_NS,
                )
            )
            levels.append(point(96e6 + chance.random() * 40e6, time_ns=time_ns))
        yield export_request(
            resource_group(
                counter("faas.invocations", *points, unit="{invocation}"),
                gauge("faas.mem_usage", *levels, unit="By"),
                resource=_function(name),
            )
        )


def everything(until_ns: int, sagas: int = 80) -> Iterator[Request]:
    """All of it, spread over the hour that ends at ``until_ns``."""
    for number in range(sagas):
        yield from saga(
            number, until_ns - (number * 41 % 59 + 1) * MINUTE_NS - number * 317_000_000
        )
    yield from big_trace(until_ns - 5 * MINUTE_NS)
    yield from hostile(until_ns - 3 * MINUTE_NS)
    yield from metrics(until_ns)


def _function(name: str):  # type: ignore[no-untyped-def]
    return resource(
        faas__name=name,
        service__name=name,
        faas__version="17",
        cloud__region="eu-central-1",
        cloud__platform="aws_lambda",
        faas__max_memory=512 * 1024 * 1024,
        telemetry__sdk__language="python",
    )
