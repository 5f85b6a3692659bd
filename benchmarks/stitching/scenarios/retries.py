"""Attempts: messages and asynchronous invocations tried again, dead letters, redrives, doubles."""

from collections.abc import Sequence
from functools import partial

from benchmarks.stitching.channels import Channel, Message, Style
from benchmarks.stitching.labels import Event
from benchmarks.stitching.messages import receive, say_id, send
from benchmarks.stitching.platforms import AZURE, JAVA, NODE, PYTHON, Platform
from benchmarks.stitching.run import Run
from benchmarks.stitching.scenarios.hops import Fill
from benchmarks.stitching.story import HOMES, arrival, request
from benchmarks.stitching.world import MINUTE, MS, SECOND, Function, World

_STYLES = (
    Style.LINK_AND_ID, Style.MESSAGE_ID, Style.LINK, Style.PARENT, Style.CORRELATION
)  # fmt: skip


def attempts(
    world: World, worker: Function, message: Message, fails: int, *, then_ok: bool = True
) -> int:
    """Fails this many times, each in an environment of its own, later and later."""
    at_ns = arrival(world, message)
    for number in range(fails + then_ok):
        run = receive(worker, [message], at_ns)
        run.work(under=run.under[0])
        run.end("gateway answered 503" if number < fails else None)
        at_ns = run.now + (number + 1) * MINUTE
    return at_ns


def retried(kind: str, world: World, count: int) -> None:
    """A message fails up to four times and then gets through."""
    styles = [each for each in _STYLES if each is not Style.LINK_AND_ID or kind == "sqs"]
    for index in range(count):
        style = styles[index % len(styles)]
        tag = f"{kind}-{style.name}".lower()
        event = world.event(world.start_ns + index * SECOND)
        run = request(world, world.function(f"retry-front-{tag}", HOMES[kind][0]), event)
        message = send(run, event, Channel(kind, f"retry-{tag}"), style)
        run.end()
        worker = world.function(f"retry-worker-{tag}", HOMES[kind][-1])
        attempts(world, worker, message, world.rnd.randrange(5))


def asynchronous(world: World, count: int) -> None:
    """Lambda's own retries: one request id, another environment; killed ones leave nothing."""
    bus = Channel("eventbridge", "retry-bus")
    for index in range(count):
        event = world.event(world.start_ns + index * SECOND)
        run = request(world, world.function("async-front", NODE), event)
        message = send(run, event, bus, Style.CORRELATION)
        run.end()
        request_id, at_ns = world.uuid(), arrival(world, message)
        worker = world.function("async-worker", PYTHON)
        for number in range(3):
            taken = receive(worker, [message], at_ns, request_id=request_id)
            taken.work()
            taken.log("trying")
            failed = number < index % 3
            lost = failed and world.rnd.random() < 0.4
            taken.end("Runtime.ExitError" if failed else None, lost=lost)
            at_ns = taken.now + (number + 1) * MINUTE
            if not failed:
                break


def dead_letters(kind: str, platforms: Sequence[Platform], world: World, count: int) -> None:
    """Three attempts, then the dead-letter queue, where half of them are looked at."""
    style = Style.MESSAGE_ID if kind == "servicebus" else Style.LINK_AND_ID
    channel = Channel(kind, f"doomed-{kind}")
    front, worker, undertaker = (
        world.function(f"{name}-{kind}", platforms[0])
        for name in ("doomed-front", "doom", "morgue")
    )
    for index in range(count):
        event = world.event(world.start_ns + index * SECOND)
        run = request(world, front, event)
        message = send(run, event, channel, style)
        run.end()
        at_ns = attempts(world, worker, message, 3, then_ok=False)
        if index % 2:
            message.channel = channel.dead_letters
            last = receive(undertaker, [message], at_ns)
            last.log("will not work")
            last.end()


def redriven(by_link: bool, world: World, count: int) -> None:
    """Out of the dead-letter queue and back to its source: a new message id, the same body."""
    style = Style.LINK_AND_ID if by_link else Style.CORRELATION
    tag = style.name.lower()
    channel = Channel("sqs", f"redrive-{tag}")
    for index in range(count):
        event = world.event(world.start_ns + index * SECOND)
        run = request(world, world.function(f"redrive-front-{tag}", PYTHON), event)
        message = send(run, event, channel, style)
        run.end()
        worker = world.function(f"redrive-worker-{tag}", NODE)
        at_ns = attempts(world, worker, message, 3, then_ok=False)
        message.id = world.uuid()
        message.sent_ns = at_ns + 20 * MINUTE
        attempts(world, worker, message, 0)


def doubled(world: World, count: int) -> None:
    """At-least-once: the same message is handled twice, well both times."""
    for index in range(count):
        style = _STYLES[index % len(_STYLES)]
        event = world.event(world.start_ns + index * SECOND)
        run = request(world, world.function(f"twice-front-{style.name}".lower(), NODE), event)
        message = send(run, event, Channel("sqs", f"twice-{style.name}".lower()), style)
        run.end()
        worker = world.function(f"twice-worker-{style.name}".lower(), NODE)
        for _ in range(2):
            attempts(world, worker, message, 0)


def client_retries(world: World, count: int) -> None:
    """The client tries again after an error, under the correlation id of the first request."""
    for index in range(count):
        event: Event = world.event(world.start_ns + index * 2 * SECOND)
        front = world.function("impatient-api", NODE)
        for number in range(index % 4 + 1):
            at_ns = event.at_ns + number * 3 * SECOND
            run: Run = request(world, front, event, at_ns=at_ns)
            say_id(run, run.main, event)
            failed = number < index % 4
            if not failed:
                message = send(run, event, Channel("sqs", "patient"), Style.CORRELATION)
            run.end("503" if failed else None)
        attempts(world, world.function("patient-worker", NODE), message, 0)


def timed_out(world: World, count: int) -> None:
    """Attempts that time out export their inner spans but never the invocation's own."""
    channel = Channel("sqs", "slow-gateway")
    for index in range(count):
        event = world.event(world.start_ns + index * SECOND)
        run = request(world, world.function("hasty-front", NODE), event)
        message = send(run, event, channel, Style.LINK_AND_ID)
        run.end()
        worker = world.function("hasty-worker", NODE)
        first = receive(worker, [message], arrival(world, message))
        first.work()
        first.span("POST gateway", ms=5_000)
        first.end(forget_root=True)
        message.sent_ns += 30 * SECOND + 100 * MS
        attempts(world, worker, message, 0)


SCENARIOS: dict[str, Fill] = {
    "retries, sqs": partial(retried, "sqs"),
    "retries, service bus": partial(retried, "servicebus"),
    "retries, kafka": partial(retried, "kafka"),
    "async retries": asynchronous,
    "dead letters, sqs": partial(dead_letters, "sqs", (NODE,)),
    "dead letters, service bus": partial(dead_letters, "servicebus", (AZURE,)),
    "dead letters, rabbitmq": partial(dead_letters, "rabbitmq", (JAVA,)),
    "redrive, new id, link": partial(redriven, True),
    "redrive, new id, correlation": partial(redriven, False),
    "duplicate deliveries": doubled,
    "client retries": client_retries,
    "timed out": timed_out,
}
