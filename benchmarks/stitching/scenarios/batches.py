"""Batches: one invocation takes up to ten messages of as many events, and they must stay apart."""

from collections.abc import Iterable, Sequence
from functools import partial

from benchmarks.stitching.channels import Channel, Message, Style
from benchmarks.stitching.labels import Item
from benchmarks.stitching.messages import BatchRun, receive, say_id, say_id_in_log, send
from benchmarks.stitching.platforms import AZURE, JAVA, NODE, PYTHON, Platform
from benchmarks.stitching.scenarios.hops import Fill
from benchmarks.stitching.story import arrival, finish_each, request, take
from benchmarks.stitching.world import MS, SECOND, Function, World


def orders(
    world: World, front: Function, channel: Channel, style: Style, count: int
) -> list[Message]:
    """One request an event, each sends one message; ten come in a burst of two seconds."""
    sent: list[Message] = []
    for index in range(count):
        at_ns = world.start_ns + index // 10 * 20 * SECOND + index % 10 * 200 * MS
        event = world.event(at_ns)
        run = request(world, front, event)
        sent.append(send(run, event, channel, style))
        run.end()
    return sent


def batches(world: World, messages: Iterable[Message], largest: int = 10) -> list[list[Message]]:
    """Messages in batches of 1 to ``largest``, in the order they arrive."""
    waiting = sorted(messages, key=lambda each: each.sent_ns)
    made: list[list[Message]] = []
    while waiting:
        size = world.rnd.randrange(1, largest + 1)
        made.append(waiting[:size])
        waiting = waiting[size:]
    return made


def take_batch(
    world: World, function: Function, messages: Sequence[Message], *, per_message: bool
) -> BatchRun:
    """The invocation that takes them, once the last is there; the caller ends it."""
    at_ns = max(arrival(world, each, 2) for each in messages)
    return receive(function, messages, at_ns, per_message=per_message)


def plain(
    style: Style,
    kind: str,
    homes: tuple[Platform, Platform],
    per_message: bool,
    world: World,
    count: int,
) -> None:
    """Sender -> queue -> batches; the SDK tells messages apart by spans or by links."""
    tag = f"{style.name}-{kind}-{'each' if per_message else 'shared'}".lower()
    channel = Channel(kind, f"batch-{tag}")
    front = world.function(f"front-{tag}", homes[0])
    worker = world.function(f"worker-{tag}", homes[1])
    for batch in batches(world, orders(world, front, channel, style, count)):
        run = take_batch(world, worker, batch, per_message=per_message)
        finish_each(run, batch)
        run.log("batch done")
        run.end()


def partial_failure(per_message: bool, world: World, count: int) -> None:
    """Some messages of a batch fail and come back in later batches, among others."""
    tag = "each" if per_message else "shared"
    channel = Channel("sqs", f"partial-{tag}")
    front = world.function(f"partial-front-{tag}", NODE)
    worker = world.function(f"partial-worker-{tag}", NODE)
    waiting = orders(world, front, channel, Style.LINK_AND_ID, count)
    tries: dict[str, int] = {}
    while waiting:
        again: list[Message] = []
        for batch in batches(world, waiting):
            run = take_batch(world, worker, batch, per_message=per_message)
            finish_each(run, batch)
            for message, under in zip(batch, run.under, strict=True):
                tries[message.id] = tries.get(message.id, 0) + 1
                if world.rnd.random() < 0.2 and tries[message.id] < 3:
                    again.append(_put_back(run, message, under))
            run.end()
        waiting = again


def _put_back(run: BatchRun, message: Message, under: Item) -> Message:
    if not under.several:
        under.record.status.code = 2  # type: ignore[union-attr]
    message.sent_ns = run.now + 30 * SECOND
    return message


def keyed(own_name: bool, world: World, count: int) -> None:
    """No span a message, but the work for each carries the order's id, in spans or log lines."""
    tag = "own" if own_name else "usual"
    channel = Channel("sqs", f"keyed-{tag}")
    front = world.function(f"keyed-front-{tag}", PYTHON)
    worker = world.function(f"keyed-worker-{tag}", (NODE, PYTHON)[own_name])
    sent = orders(world, front, channel, Style.CORRELATION, count)
    for message in sent:
        message.style = Style.LINK
    for batch in batches(world, sent):
        run = take_batch(world, worker, batch, per_message=False)
        if len(batch) == 1:
            say_id(run, run.under[0], batch[0].event)
        else:
            for message in batch:
                span = run.span("charge card", event=message.event)
                say_id(run, span, message.event, own_name=own_name)
                if own_name:
                    # The sender says correlation_id: the same value ties.
                    span.tie(message.event.name, f"v:{message.event.correlation}")
                say_id_in_log(run, message.event, under=span)
        run.end()


def logs_only(world: World, count: int) -> None:
    """A batch whose messages show in JSON log lines only, each with its order's id."""
    channel = Channel("sqs", "logged")
    front, worker = world.function("logged-front", PYTHON), world.function("logged-worker", PYTHON)
    sent = orders(world, front, channel, Style.CORRELATION, count)
    for message in sent:
        message.style = Style.CORRELATION_LOG
    for batch in batches(world, sent):
        run = take_batch(world, worker, batch, per_message=False)
        run.work()
        run.end()


def forward(per_message: bool, world: World, count: int) -> None:
    """A batch sends each message on, and the next function takes batches again."""
    tag = "each" if per_message else "shared"
    first, second = Channel("sqs", f"forward-a-{tag}"), Channel("sqs", f"forward-b-{tag}")
    front = world.function(f"forward-front-{tag}", NODE)
    middle, last = (world.function(f"forward-{name}-{tag}", NODE) for name in ("middle", "last"))
    # Without spans of their own only an id in the log lines leads on from the middle.
    style = Style.LINK_AND_ID if per_message else Style.CORRELATION_LOG
    sent: list[Message] = []
    for batch in batches(world, orders(world, front, first, style, count)):
        run = take_batch(world, middle, batch, per_message=per_message)
        finish_each(run, batch)
        for message, under in zip(batch, run.under, strict=True):
            sent.append(send(run, message.event, second, style, under=under))
        run.end()
    for batch in batches(world, sent):
        run = take_batch(world, last, batch, per_message=per_message)
        finish_each(run, batch)
        run.end()


def records(world: World, count: int) -> None:
    """Kafka: one poll, one process span a record, each in its sender's trace (as Java's agent)."""
    channel = Channel("kafka", "clicks")
    front, worker = world.function("clicks-front", JAVA), world.function("clicks-worker", JAVA)
    for batch in batches(world, orders(world, front, channel, Style.PARENT, count)):
        for message in batch:
            take(world, worker, message).end()


def two_of_one(world: World, count: int) -> None:
    """Events send two messages each, and a batch may hold both, among those of others."""
    channel = Channel("sqs", "pairs")
    front, worker = world.function("pairs-front", NODE), world.function("pairs-worker", NODE)
    sent: list[Message] = []
    for index in range(count):
        event = world.event(world.start_ns + index * 300 * MS)
        run = request(world, front, event)
        sent += [send(run, event, channel, Style.LINK_AND_ID) for _ in range(2)]
        run.end()
    for batch in batches(world, sent):
        run = take_batch(world, worker, batch, per_message=True)
        finish_each(run, batch)
        run.end()


_LAMBDAS = (NODE, PYTHON)
_AZURES = (AZURE, AZURE)
_JAVAS = (JAVA, JAVA)
SCENARIOS: dict[str, Fill] = {
    "batch, links": partial(plain, Style.LINK, "sqs", _LAMBDAS, False),
    "batch, links with ids": partial(plain, Style.LINK_AND_ID, "sqs", (PYTHON, NODE), False),
    "batch, xray links": partial(plain, Style.XRAY_LOG, "sqs", (PYTHON, NODE), False),
    "batch, links to unknown spans": partial(
        plain, Style.LINK_UNKNOWN, "sqs", (PYTHON, NODE), False
    ),
    "batch, span a message": partial(plain, Style.LINK, "sqs", _LAMBDAS, True),
    "batch, message ids": partial(plain, Style.MESSAGE_ID, "sqs", _LAMBDAS, True),
    "batch, correlation ids": partial(plain, Style.CORRELATION, "sqs", _LAMBDAS, True),
    "batch, service bus": partial(plain, Style.LINK, "servicebus", _AZURES, False),
    "batch, service bus, spans": partial(plain, Style.MESSAGE_ID, "servicebus", _AZURES, True),
    "batch, kafka listener": partial(plain, Style.LINK, "kafka", _JAVAS, False),
    "batch, kafka offsets": partial(plain, Style.MESSAGE_ID, "kafka", _JAVAS, True),
    "batch, kinesis": partial(plain, Style.MESSAGE_ID, "kinesis", _LAMBDAS, True),
    "partial failure": partial(partial_failure, False),
    "partial failure, spans": partial(partial_failure, True),
    "keyed work in a batch": partial(keyed, False),
    "keyed work, own names": partial(keyed, True),
    "batch in logs only": logs_only,
    "batch sent on": partial(forward, False),
    "batch sent on, spans": partial(forward, True),
    "kafka records": records,
    "two messages of one event": two_of_one,
}
