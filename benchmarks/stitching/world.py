"""The simulated system: functions with execution environments, and invocations that report.

Everything random comes from one seeded source, so that a seed names its traffic exactly.
"""

import random
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from benchmarks.stitching.labels import Event, Export, Generated, Item
from benchmarks.stitching.platforms import Attributes, Platform

MS: Final = 1_000_000
SECOND: Final = 1_000 * MS
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
SERVER, CLIENT = Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT
PRODUCER, CONSUMER = Span.SPAN_KIND_PRODUCER, Span.SPAN_KIND_CONSUMER
INTERNAL = Span.SPAN_KIND_INTERNAL

# How the resource of Azure's worker process differs from that of its host.
WORKER_PROCESS: Final = {"telemetry.sdk.language": "dotnet", "service.version": "1.0.0"}

# The usual names of a correlation id, of which every team picks another.
SPELLINGS: Final = (
    "correlation_id",
    "correlationId",
    "CorrelationId",
    "x-correlation-id",
    "http.request.header.x-correlation-id",
    "messaging.message.conversation_id",
)
LOG_SPELLINGS: Final = ("correlation_id", "correlationId", "CorrelationId", "x-correlation-id")
# Names of a user's own for the same id.
OWN_SPELLINGS: Final = ("order_id", "order.id", "orderId", "app.order.id")


class Environment:
    """One execution environment (host) of a function, with a clock of its own."""

    def __init__(self, instance: str, resource: Attributes, skew_ns: int) -> None:
        self.instance, self.resource, self.skew_ns = instance, resource, skew_ns
        self.free_ns = 0
        self.runs = 0


class Function:
    """A deployed function; how its team spells ids is settled once."""

    def __init__(self, world: "World", name: str, platform: Platform, **resource: Any) -> None:
        self.world, self.name, self.platform = world, name, platform
        self._resource = resource
        self._environments: list[Environment] = []
        self.spelling = world.rnd.choice(SPELLINGS)
        self.log_spelling = world.rnd.choice(LOG_SPELLINGS)
        self.own_spelling = world.rnd.choice(OWN_SPELLINGS)
        self.modern = world.rnd.random() < 0.7

    def environment(self, at_ns: int) -> Environment:
        """One that is free at this time; a new one (cold) when all are busy."""
        for each in self._environments:
            if each.free_ns <= at_ns:
                return each
        world = self.world
        instance = f"2026/11/20/[17]{world.hex(16)}"
        named = {key.replace("__", "."): value for key, value in self._resource.items()}
        skew_ns = world.rnd.randint(-world.skew_ns, world.skew_ns) if world.skew_ns else 0
        made = Environment(instance, self.platform.resource(self.name, instance) | named, skew_ns)
        self._environments.append(made)
        return made


class World:
    """Makes one scenario's telemetry. ``start_ns``: when its first event begins."""

    def __init__(self, scenario: str, seed: int, start_ns: int, skew_ns: int = 0) -> None:
        self.scenario, self.start_ns, self.skew_ns = scenario, start_ns, skew_ns
        self.rnd = random.Random(f"{scenario}/{seed}")
        self._functions: dict[str, Function] = {}
        self._log_times: set[int] = set()
        self._offsets: dict[str, int] = {}
        self._events = 0
        self._runs = 0
        self.exports: list[Export] = []

    def hex(self, size: int) -> str:
        """Random bytes as hex digits."""
        return self.octets(size).hex()

    def octets(self, size: int) -> bytes:
        """Random bytes, none of them all zero."""
        return self.rnd.randrange(1, 1 << (8 * size)).to_bytes(size, "big")

    def uuid(self) -> str:
        """A random UUID of version 4."""
        return str(uuid.UUID(int=self.rnd.getrandbits(128), version=4))

    def xray_trace_id(self, at_ns: int) -> bytes:
        """A trace id as X-Ray makes them: it begins with the time in seconds."""
        return (at_ns // SECOND).to_bytes(4, "big") + self.octets(12)

    def function(self, name: str, platform: Platform, **resource: Any) -> Function:
        """The function of this name; keywords add to its resource, with __ for dots."""
        if name not in self._functions:
            self._functions[name] = Function(self, name, platform, **resource)
        return self._functions[name]

    def event(self, at_ns: int, *, correlation: str | None = None, **more: Any) -> Event:
        """A new business event."""
        self._events += 1
        name = f"{self.scenario}-{self._events}"
        given = self.correlation() if correlation is None else correlation
        return Event(name, at_ns, given, more.pop("order", given), **more)

    def correlation(self) -> str:
        """An id as one of many teams would make it."""
        number = self.rnd.randrange(10**6, 10**8)
        return self.rnd.choice(
            (
                self.uuid(),
                f"ord-{number}",
                f"{number}",
                self.uuid().replace("-", ""),
                f"01JD{self.hex(11).upper()}",
                f"SO-2026-{number}/A",
            )
        )

    def log_time(self, wanted_ns: int) -> int:
        """The time of a log record: no other record of this world has it."""
        while wanted_ns in self._log_times:
            wanted_ns += 1
        self._log_times.add(wanted_ns)
        return wanted_ns

    def next_offset(self, topic: str) -> int:
        """The offset of the next record of a topic; every topic counts from its own start."""
        self._offsets[topic] = self._offsets.get(topic, self.rnd.randrange(10, 90)) + 1
        return self._offsets[topic]

    def next_run(self) -> int:
        """The number of the next invocation."""
        self._runs += 1
        return self._runs

    def finish(self, note: str = "") -> Generated:
        """All that was reported, as it arrives, with the ties every span has by its ids."""
        self.exports.sort(key=lambda export: export.sent_ns)
        made = Generated(self.scenario, self.exports, note)
        tie_by_context(made.items())
        return made


def tie_by_context(items: Iterable[Item]) -> None:
    """Adds what trace ids, parents and links tie.

    A trace that serves several events (a batch) ties by span only, and a span that is shared by
    events ties nothing.
    """
    items = list(items)
    served: dict[str, set[str]] = {}
    owners: dict[str, Item] = {}
    for item in items:
        if item.record.trace_id:
            here = served.setdefault(item.record.trace_id.hex(), set())
            here.update(item.events, ("several messages",) if item.several else ())
        if isinstance(item.record, Span):
            owners[item.record.trace_id.hex() + item.record.span_id.hex()] = item
    for item in items:
        if len(item.events) == 1 and item.record.trace_id:
            _tie_own(item, served, owners)
        for handles in item.handles.values():
            handles -= {each for each in handles if _is_of_many(each, served, owners)}


def _is_of_many(handle: str, served: Mapping[str, set[str]], owners: Mapping[str, Item]) -> bool:
    """True for the id of a trace that serves several events, or of a span that they share."""
    if handle.startswith("t:"):
        return len(served.get(handle[2:], ())) > 1
    owner = owners.get(handle[2:]) if handle.startswith("s:") else None
    return owner is not None and (owner.shared or owner.several)


def _tie_own(item: Item, served: Mapping[str, set[str]], owners: Mapping[str, Item]) -> None:
    (event,) = item.events
    trace_id = item.record.trace_id.hex()
    if len(served[trace_id]) == 1:
        item.tie(event, f"t:{trace_id}")
    if item.record.span_id and not item.several:
        item.tie(event, f"s:{trace_id}{item.record.span_id.hex()}")
    if isinstance(item.record, Span) and item.record.parent_span_id:
        parent = trace_id + item.record.parent_span_id.hex()
        if parent in owners and owners[parent].events == (event,) and not owners[parent].several:
            item.tie(event, f"s:{parent}")
