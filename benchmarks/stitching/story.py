"""What scenarios are made of: a request comes in, a message goes on and is taken."""

from collections.abc import Sequence
from typing import Final

from benchmarks.stitching.channels import Channel, Message, Style
from benchmarks.stitching.labels import Context, Event
from benchmarks.stitching.messages import BatchRun, receive, send
from benchmarks.stitching.platforms import AZURE, GOOGLE, JAVA, NODE, PYTHON, Platform
from benchmarks.stitching.run import Run
from benchmarks.stitching.world import MS, SECOND, Function, World

# Who sends to and reads from a transport.
HOMES: Final[dict[str, tuple[Platform, ...]]] = {
    "sqs": (NODE, PYTHON),
    "sns": (NODE, PYTHON),
    "eventbridge": (NODE, PYTHON),
    "kinesis": (NODE, PYTHON),
    "kafka": (JAVA,),
    "servicebus": (AZURE,),
    "pubsub": (GOOGLE,),
    "rabbitmq": (JAVA,),
}


def request(world: World, function: Function, event: Event, *, at_ns: int | None = None) -> Run:
    """An invocation by a client's request; one client in four sends a traceparent of its own."""
    outside = world.rnd.random() < 0.25
    parent = Context(world.octets(16), world.octets(8)) if outside else None
    run = Run(
        function,
        event.at_ns if at_ns is None else at_ns,
        [event],
        parent=parent,
        attributes={"http.route": "/orders", "customer.id": f"c-{world.rnd.randrange(20)}"},
    )
    run.work()
    run.log("accepted")
    return run


def arrival(world: World, message: Message, longest_s: float = 6) -> int:
    """When a message is taken: mostly soon, at times after a while."""
    wait_s = min(world.rnd.expovariate(1.5), longest_s)
    return message.sent_ns + int(wait_s * SECOND) + 4 * MS


def take(world: World, function: Function, message: Message) -> BatchRun:
    """One message, handled alone; the caller goes on from there and ends it."""
    run = receive(function, [message], arrival(world, message))
    run.work(under=run.under[0])
    run.log("done")
    return run


def finish_each(run: BatchRun, messages: Sequence[Message]) -> None:
    """The work of a batch: below each message's own span, or once for all."""
    for under, message in zip(run.under, messages, strict=True):
        if under.several:
            continue
        run.work(under=under, event=message.event)
    if any(under.several for under in run.under):
        run.work()


def chain(
    world: World,
    event: Event,
    functions: Sequence[Function],
    hops: Sequence[tuple[Channel, Style]],
) -> None:
    """A request through all functions, by one hop between each two."""
    run: Run = request(world, functions[0], event)
    for (channel, style), function in zip(hops, functions[1:], strict=True):
        message = send(run, event, channel, style)
        run.end()
        run = take(world, function, message)
    run.end()
