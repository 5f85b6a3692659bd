"""Messages between functions: what the sender's and the receiver's telemetry say of one hop."""

from collections.abc import Sequence

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from benchmarks.stitching.channels import Channel, Message, Style
from benchmarks.stitching.labels import Context, Event, Item
from benchmarks.stitching.platforms import ACCOUNT, REGION
from benchmarks.stitching.run import Run
from benchmarks.stitching.transports import CALLS, TRIGGERS, message_id, received, send_name, sent
from benchmarks.stitching.wire import key_values
from benchmarks.stitching.world import CLIENT, CONSUMER, PRODUCER, Function


def send(
    run: Run, event: Event, channel: Channel, style: Style, *, under: Item | None = None
) -> Message:
    """The sender's span of one message, with what the style says is on it or in its logs."""
    world = run.world
    kind = CLIENT if channel.transport in CALLS else PRODUCER
    span = run.span(send_name(channel), kind, parent=under, attributes=sent(run, channel))
    message = Message(
        event, channel, style, message_id(run, channel), span.context, run.now,
        partition=world.rnd.randrange(6),
    )  # fmt: skip
    _say_sent(run, message, span, under)
    return message


def _say_sent(run: Run, message: Message, span: Item, under: Item | None) -> None:
    """What the sender's telemetry says by which the message can be known again."""
    event, world = message.event, run.world
    match message.style:
        case Style.LINK_AND_ID | Style.MESSAGE_ID:
            name_message(run, span, message)
        case Style.XRAY_LOG:
            message.xray = Context(world.xray_trace_id(run.now), world.octets(8))
            log = run.log(
                "sent",
                {"xray_trace_id": dashed(message.xray.trace_id)},
                shape=_log_shape(run),
                event=event,
                under=under,
            )
            log.tie(event.name, f"t:{message.xray.trace_id.hex()}")
        case Style.XRAY_TRACE | Style.LINK_UNKNOWN:
            message.xray = Context(run.trace_id, world.octets(8))
        case Style.CORRELATION:
            _announce(run, event, under, in_log=False)
        case Style.CORRELATION_LOG:
            _announce(run, event, under, in_log=world.rnd.random() < 0.5)
        case Style.OWN_NAME:
            if span.several:
                say_id_in_log(run, event, under)
            else:
                say_id(run, under or run.main, event, own_name=True)
        case Style.EXECUTION:
            message.said["execution"] = arn = (
                f"arn:aws:states:{REGION}:{ACCOUNT}:execution:compensation:{world.uuid()}"
            )
            run.add(span, {"aws.step_functions.execution.arn": arn, "execution_arn": arn})
            span.tie(event.name, f"v:{arn}")
        case Style.OBJECT:
            message.said["object"] = path = f"incoming/2026/11/{world.hex(8)}.pdf"
            run.add(span, {"aws.s3.bucket": "documents", "aws.s3.key": path})
            span.tie(event.name, f"o:{path}")
        case Style.CLOUDEVENT:
            run.add(
                span,
                {
                    "cloudevents.event_id": message.id,
                    "cloudevents.event_source": "/shop/orders",
                    "cloudevents.event_type": "com.shop.order",
                },
            )
            span.tie(event.name, f"v:{message.id}")
        case Style.CAUSATION:
            message.said["event"] = event_id = world.uuid()
            run.add(
                span, {"cloudevents.event_id": event_id, "cloudevents.event_source": "shop.orders"}
            )
            span.tie(event.name, f"v:{event_id}")
        case Style.EVENT_ID:
            log = run.log(
                "published",
                {"event_id": message.id},
                shape=_log_shape(run),
                event=event,
                under=under,
            )
            log.tie(event.name, f"v:{message.id}")
        case _:
            pass


class BatchRun(Run):
    """An invocation started by messages: ``under[i]`` is the span that handles the i-th."""

    under: list[Item]


def receive(
    function: Function,
    messages: Sequence[Message],
    at_ns: int,
    *,
    per_message: bool = False,
    request_id: str | None = None,
) -> BatchRun:
    """The invocation that takes these messages; ``run.under[i]`` is the span that handles one.

    One message: all of the invocation is its event's. More: a batch, whose spans are shared unless
    the SDK opens one for each message (``per_message``).
    """
    first = messages[0]
    parent = _context_of_run(messages)
    plain = len(messages) == 1 and function.platform.name in ("java", "worker")
    run = BatchRun(
        function,
        at_ns,
        [each.event for each in messages],
        messages=len(messages),
        trigger=TRIGGERS.get(first.channel.transport, "pubsub"),
        parent=parent,
        request_id=request_id,
        kind=CONSUMER if plain else None,
        name=f"{first.channel.name} process" if plain else None,
    )
    if len(messages) == 1:
        _take_one(run, first, plain)
    else:
        _take_batch(run, messages, per_message)
    return run


def _context_of_run(messages: Sequence[Message]) -> Context | None:
    first = messages[0]
    if len(messages) > 1:
        return None
    if first.style is Style.PARENT:
        return first.context
    return first.xray if first.style is Style.XRAY_TRACE else None


def _take_one(run: BatchRun, message: Message, plain: bool) -> None:
    links = [link_to(message)] if _links(message) else []
    attributes = received(run, message.channel, message)
    if message.channel.transport in TRIGGERS:  # no message to the SDK, only an event
        plain, span = False, run.main
        assert isinstance(span.record, Span)
        span.record.links.extend(links)
    elif plain:
        span = run.root
        run.add(span, attributes)
        assert isinstance(span.record, Span)
        span.record.links.extend(links)
    else:
        name = f"process {message.channel.name}"
        span = run.span(name, CONSUMER, ms=3, attributes=attributes, links=links)
        _within(run, span)
    _tie_links(span, message)
    run.under = [run.main if not plain else run.root]
    sayreceived(run, message, span, run.under[0])


def _take_batch(run: BatchRun, messages: Sequence[Message], per_message: bool) -> None:
    first = messages[0]
    linked = [each for each in messages if _links(each)]
    attributes = received(run, first.channel, None)
    attributes["messaging.batch.message_count"] = len(messages)
    batch = run.span(
        f"process {first.channel.name}",
        CONSUMER,
        ms=2,
        attributes=attributes,
        links=[] if per_message else [link_to(each) for each in linked],
    )
    _within(run, batch)
    run.under = [batch for _ in messages]
    for index, message in enumerate(messages):
        if not per_message:
            _tie_links(batch, message)
        else:
            run.under[index] = span = run.span(
                f"process {message.channel.name}",
                CONSUMER,
                parent=batch,
                ms=1,
                single=True,
                event=message.event,
                attributes=received(run, message.channel, message),
                links=[link_to(message)] if _links(message) else [],
            )
            _within(run, span)
            _tie_links(span, message)
        sayreceived(run, message, run.under[index] if per_message else None, run.under[index])


def _within(run: Run, span: Item) -> None:
    """Lets a span last until the invocation ends: what follows happens inside of it."""
    record = span.record
    assert isinstance(record, Span)
    run.open_spans.append(record)


def _links(message: Message) -> bool:
    return message.style in (
        Style.LINK, Style.LINK_AND_ID, Style.LINK_UNKNOWN, Style.XRAY_LOG, Style.PARENT
    )  # fmt: skip


def link_to(message: Message) -> Span.Link:
    """The link a receiver makes of what it read in the message."""
    context = message.xray or message.context
    named = {"messaging.message.id": message.id} if message.style is Style.LINK_AND_ID else {}
    return Span.Link(
        trace_id=context.trace_id, span_id=context.span_id, attributes=key_values(named)
    )


def _tie_links(span: Item, message: Message) -> None:
    if not _links(message):
        return
    context = message.xray or message.context
    trace_id = context.trace_id.hex()
    ties = {f"t:{trace_id}", f"s:{trace_id}{context.span_id.hex()}"}
    if message.style is Style.LINK_AND_ID:
        ties.add(message_handle(message))
    span.tie(message.event.name, *ties, delivery=True)


def sayreceived(run: Run, message: Message, span: Item | None, under: Item) -> None:
    """What the receiver's telemetry says of the message, by its style.

    ``span`` None: no span of the message's own, so that only a log line can say it.
    """
    event = message.event
    match message.style:
        case Style.MESSAGE_ID if span:
            name_message(run, span, message)
        case Style.CORRELATION | Style.OWN_NAME:
            if span:
                say_id(run, span, event)
            else:
                say_id_in_log(run, event, under)
        case Style.CORRELATION_LOG:
            say_id_in_log(run, event, under)
        case Style.EXECUTION:
            arn = message.said["execution"]
            log = run.log("step", {"execution_arn": arn}, event=event, under=under)
            log.tie(event.name, f"v:{arn}")
        case Style.OBJECT if span:
            path = message.said["object"]
            run.add(span, {"faas.document.collection": "documents", "faas.document.name": path})
            span.tie(event.name, f"o:{path}")
        case Style.CLOUDEVENT if span:
            run.add(
                span,
                {
                    "cloudevents.event_id": message.id,
                    "cloudevents.event_source": "/shop/orders",
                    "cloudevents.event_type": "com.shop.order",
                },
            )
            span.tie(event.name, f"v:{message.id}")
        case Style.CAUSATION if span:
            run.add(
                span,
                {
                    "cloudevents.event_id": run.world.uuid(),
                    "cloudevents.event_source": "shop.payments",
                    "cloudevents.causationid": message.said["event"],
                },
            )
            span.tie(event.name, f"v:{message.said['event']}")
        case Style.EVENT_ID:
            # Powertools' default for EventBridge calls the event's id the correlation id.
            log = run.log(
                "got event",
                {"correlation_id": message.id},
                shape=_log_shape(run),
                event=event,
                under=under,
            )
            log.tie(event.name, f"v:{message.id}")
        case _:
            pass


def _announce(run: Run, event: Event, under: Item | None, *, in_log: bool) -> None:
    span = under or run.main
    if in_log or span.several:
        say_id_in_log(run, event, under)
    else:
        say_id(run, span, event)


def say_id(run: Run, span: Item, event: Event, *, own_name: bool = False) -> None:
    """Puts the event's correlation id on a span, as this function spells it."""
    function = run.function
    if (id(span), str(own_name)) in run.said:
        return
    run.said.add((id(span), str(own_name)))
    if own_name:
        run.add(span, {function.own_spelling: event.correlation})
        span.tie(event.name, f"v:{event.correlation}", weak=True)
        return
    header = function.spelling.startswith("http.")
    run.add(span, {function.spelling: [event.correlation] if header else event.correlation})
    span.tie(event.name, f"v:{event.correlation}")


def say_id_in_log(run: Run, event: Event, under: Item | None = None) -> Item:
    """Writes a log line that holds the event's correlation id."""
    log = run.log(
        "handling",
        {run.function.log_spelling: event.correlation},
        shape=_log_shape(run),
        event=event,
        under=under,
    )
    log.tie(event.name, f"v:{event.correlation}")
    return log


def name_message(run: Run, span: Item, message: Message) -> None:
    """Puts the message's id on a span."""
    old = not run.function.modern
    name = "messaging.message_id" if old else "messaging.message.id"
    if message.channel.transport == "kafka":
        run.add(
            span,
            {
                "messaging.destination.partition.id": str(message.partition),
                "messaging.kafka.message.offset" if old else "messaging.kafka.offset": int(
                    message.id
                ),
            },
        )
    else:
        run.add(span, {name: message.id})
    span.tie(message.event.name, message_handle(message))


def message_handle(message: Message) -> str:
    """The identifier a message is known by."""
    if message.channel.transport == "kafka":
        return f"m:{message.channel.name}/{message.partition}/{message.id}"
    return f"v:{message.id}"


def dashed(trace_id: bytes) -> str:
    """A trace id as X-Ray writes it."""
    digits = trace_id.hex()
    return f"1-{digits[:8]}-{digits[8:]}"


def _log_shape(run: Run) -> str:
    return "json" if run.function.platform.has_request_id else "otlp"
