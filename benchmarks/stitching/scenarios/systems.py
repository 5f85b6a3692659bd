"""Systems drawn at random: which function feeds which, over what, and what is lost on each way.

Nobody chose these shapes to suit a rule: a function may take single messages or batches, fail and
try again, send on to several others, and report a wrong correlation id now and then.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks.stitching.channels import Channel, Message, Style
from benchmarks.stitching.labels import Event, Item
from benchmarks.stitching.messages import receive, send
from benchmarks.stitching.platforms import (
    AZURE,
    BARE,
    CLOUDFLARE,
    GOOGLE,
    HOMEMADE,
    NODE,
    PYTHON,
    Platform,
)
from benchmarks.stitching.run import Run
from benchmarks.stitching.scenarios.batches import batches
from benchmarks.stitching.scenarios.hops import Fill
from benchmarks.stitching.story import arrival, finish_each, request
from benchmarks.stitching.world import SECOND, Function, World

_PLATFORMS: Final[tuple[Platform, ...]] = (
    BARE, HOMEMADE, NODE, PYTHON, AZURE, GOOGLE, CLOUDFLARE
)  # fmt: skip
_TRANSPORTS: Final = ("sqs", "sqs", "servicebus", "pubsub", "rabbitmq")
_STYLES: Final = (
    Style.PARENT,
    Style.LINK,
    Style.LINK,
    Style.LINK_AND_ID,
    Style.MESSAGE_ID,
    Style.MESSAGE_ID,
    Style.CORRELATION,
    Style.CORRELATION,
    Style.CORRELATION_LOG,
    Style.OWN_NAME,
    Style.CLOUDEVENT,
    Style.CAUSATION,
    Style.NOTHING,
)
# A batch names these by a span for each message only.
_BY_SPAN: Final = (Style.MESSAGE_ID, Style.CLOUDEVENT, Style.CAUSATION)


@dataclass(frozen=True, slots=True)
class _Way:
    """From one function to the next."""

    source: int
    target: int
    channel: Channel
    style: Style
    chance: float  # that an event takes it


@dataclass(frozen=True, slots=True)
class _Stage:
    """A function and how it takes messages."""

    function: Function
    largest_batch: int
    per_message: bool
    failing: float


def system(number: int, world: World, count: int) -> None:
    """One drawn system of 3 to 8 functions and the events that run through it."""
    rnd = world.rnd
    stages = [_stage(world, number, index) for index in range(rnd.randrange(3, 9))]
    ways = [
        _way(world, number, source, target)
        for target in range(1, len(stages))
        for source in sorted({rnd.randrange(target), rnd.randrange(max(0, target - 2), target)})
    ]
    inbox: dict[_Way, list[Message]] = defaultdict(list)
    at_ns = world.start_ns
    for _ in range(count):
        at_ns += int(rnd.expovariate(3) * SECOND)
        event = world.event(at_ns)
        run = request(world, stages[0].function, event)
        _send_on(run, 0, ways, [(event, None)], inbox)
        run.end()
    for index, stage in enumerate(stages):
        for way in ways:
            if way.target == index:
                _work_off(world, stage, way, ways, inbox)


def _stage(world: World, number: int, index: int) -> _Stage:
    rnd = world.rnd
    function = world.function(f"system{number}-f{index}", rnd.choice(_PLATFORMS))
    largest = rnd.choice((1, 1, 2, 5, 10)) if index else 1
    return _Stage(function, largest, rnd.random() < 0.5, rnd.choice((0, 0, 0.1, 0.3)))


def _way(world: World, number: int, source: int, target: int) -> _Way:
    rnd = world.rnd
    channel = Channel(rnd.choice(_TRANSPORTS), f"system{number}-q{source}-{target}")
    return _Way(source, target, channel, rnd.choice(_STYLES), rnd.choice((1, 1, 0.5)))


def _send_on(
    run: Run,
    index: int,
    ways: Sequence[_Way],
    events: Sequence[tuple[Event, Item | None]],
    inbox: dict[_Way, list[Message]],
) -> None:
    for way in ways:
        for event, under in events:
            if way.source == index and run.world.rnd.random() < way.chance:
                inbox[way].append(send(run, event, way.channel, way.style, under=under))


def _work_off(
    world: World,
    stage: _Stage,
    way: _Way,
    ways: Sequence[_Way],
    inbox: dict[_Way, list[Message]],
) -> None:
    """Takes all messages of one way; what fails comes back once or twice."""
    waiting, tries = inbox[way], 0
    while waiting:
        again: list[Message] = []
        for batch in batches(world, waiting, stage.largest_batch):
            at_ns = max(arrival(world, each, 2) for each in batch)
            each = stage.per_message or way.style in _BY_SPAN
            run = receive(stage.function, batch, at_ns, per_message=each)
            finish_each(run, batch)
            failed = tries < 2 and world.rnd.random() < stage.failing
            if failed:
                again += batch
                for message in batch:
                    message.sent_ns = run.now + 30 * SECOND
            else:
                handled = [(m.event, under) for m, under in zip(batch, run.under, strict=True)]
                _send_on(run, way.target, ways, handled, inbox)
            run.end("it went wrong" if failed else None)
        waiting, tries = again, tries + 1


SCENARIOS: dict[str, Fill] = {
    f"drawn system {number}": partial(system, number) for number in range(1, 9)
}
