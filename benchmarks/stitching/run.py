"""An invocation of the simulated system, and what its SDK reports of it."""

import json
from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from benchmarks.stitching.labels import Context, Event, Export, Item
from benchmarks.stitching.platforms import Attributes, Start
from benchmarks.stitching.wire import any_value, key_values
from benchmarks.stitching.world import CLIENT, HOUR, INTERNAL, MS, SECOND, WORKER_PROCESS, Function


class Run:
    """One invocation as its SDK reports it: spans in one export at its end, logs in another."""

    def __init__(
        self,
        function: Function,
        at_ns: int,
        events: Iterable[Event],
        *,
        trigger: str = "http",
        parent: Context | None = None,
        trace_id: bytes | None = None,
        request_id: str | None = None,
        kind: Any = None,
        name: str | None = None,
        attributes: Attributes | None = None,
        messages: int = 1,
    ) -> None:
        self.function, self.world, self.now = function, function.world, at_ns
        self.events = tuple(dict.fromkeys(each.name for each in events))
        self.number = self.world.next_run()
        self.messages = messages
        self.environment = function.environment(at_ns)
        self.request_id = request_id or self.world.uuid()
        self.trace_id = parent.trace_id if parent else trace_id or self.world.octets(16)
        self.open_spans: list[Span] = []
        self.said: set[tuple[int, str]] = set()
        self._items: list[Item] = []
        self._logs: list[Item] = []
        self._ended = False
        platform = function.platform
        start = Start(
            function.name,
            self.environment.instance,
            self.request_id,
            self.environment.runs == 0,
            trigger,
            function.modern,
        )
        self.environment.runs += 1
        self.environment.free_ns = at_ns + HOUR  # until it ends
        self.root = self.span(
            name or platform.span_name(start),
            platform.kind if kind is None else kind,
            parent=parent or "none",
            ms=0,
            attributes=platform.attributes(start) | (attributes or {}),
        )
        if platform.has_request_id and messages == 1:
            self.root.tie(self.events[0], f"i:{self.request_id}")
        self.main = self.root
        if platform.name == "azure":  # the worker process reports below its host
            named = {
                "faas.invocation_id" if function.modern else "faas.execution": self.request_id,
                "faas.name": function.name if function.modern else None,
            }
            self.main = self.span("Invoke", INTERNAL, ms=1, attributes=named, parent=self.root)

    def span(
        self,
        name: str,
        kind: Any = CLIENT,
        *,
        parent: Item | Context | str | None = None,
        ms: float | None = None,
        attributes: Attributes | None = None,
        event: Event | None = None,
        links: Iterable[Span.Link] = (),
        failed: str | None = None,
        at_ns: int | None = None,
        single: bool = False,
    ) -> Item:
        """A span from now on, ``ms`` long (the invocation's time goes on by it), below the root.

        ``single``: of several messages it handles one.
        """
        if parent is None:
            parent = self.main
        above = parent.context if isinstance(parent, Item) else parent
        start_ns = (self.now if at_ns is None else at_ns) + self.environment.skew_ns
        took_ns = int((self.world.rnd.uniform(2, 40) if ms is None else ms) * MS)
        record = Span(
            name=name,
            trace_id=self.trace_id,
            span_id=self.world.octets(8),
            parent_span_id=above.span_id if isinstance(above, Context) else b"",
            start_time_unix_nano=start_ns,
            end_time_unix_nano=start_ns + took_ns,
            kind=kind,
            attributes=key_values(attributes or {}),
            links=links,
            flags=0x101,
        )
        if failed:
            record.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message=failed))
        if at_ns is None:
            self.now += took_ns
        if event is None and isinstance(parent, Item):
            events = parent.events
        else:
            events = (event.name,) if event else self.events
        above_all = not isinstance(parent, Item) or parent.several
        item = self._item(record, events, several=above_all and not single)
        self._items.append(item)
        return item

    def log(
        self,
        text: str,
        fields: Attributes | None = None,
        *,
        event: Event | None = None,
        under: Item | None = None,
        shape: str | None = None,
        severity: Any = 9,
    ) -> Item:
        """A log record in the platform's shape; ``under``: the span it was written in."""
        shape = shape or self.function.platform.log_shape
        span = under or self.main
        events = (event.name,) if event else span.events
        time_ns = self.world.log_time(self.now + self.environment.skew_ns)
        self.now += self.world.rnd.randrange(1000, MS)
        record = LogRecord(time_unix_nano=time_ns, severity_number=severity)
        item = self._item(record, events, several=span.several and event is None)
        if shape == "otlp":
            record.body.string_value = text
            record.attributes.extend(key_values(fields or {}))
            record.trace_id, record.span_id = span.context.trace_id, span.context.span_id
        else:
            body = {"level": "INFO", "message": text, "function_name": self.function.name}
            body |= {"function_request_id": self.request_id} | (fields or {})
            record.body.CopyFrom(any_value(json.dumps(body) if shape == "json" else body))
            if self.messages == 1:
                item.tie(events[0], f"i:{self.request_id}")
        self._logs.append(item)
        return item

    def _item(self, record: Span | LogRecord, events: tuple[str, ...], *, several: bool) -> Item:
        batch = self.messages > 1
        return Item(record, self.number, events, in_batch=batch, several=batch and several)

    def work(self, event: Event | None = None, under: Item | None = None) -> None:
        """Some calls to others, as any function makes them."""
        for _ in range(self.world.rnd.randrange(1, 3)):
            name = self.world.rnd.choice(("GET", "DynamoDB.PutItem", "SELECT shop.orders", "POST"))
            self.span(name, CLIENT, parent=under, event=event)

    def add(self, item: Item, attributes: Attributes) -> None:
        """More attributes on a record; None values are left out."""
        item.record.attributes.extend(key_values(attributes))

    def end(
        self,
        failed: str | None = None,
        *,
        lost: bool = False,
        forget_root: bool = False,
        everywhere: Attributes | None = None,
    ) -> "Run":
        """Ends the invocation.

        ``lost``: it was killed, nothing of it arrives. ``forget_root``: only its own span does not.
        ``everywhere``: attributes of all its spans.
        """
        assert not self._ended
        self._ended = True
        self.now += self.world.rnd.randrange(1, 5) * MS
        root = self.root.record
        assert isinstance(root, Span)
        assert isinstance(self.main.record, Span)
        for each in (*self.open_spans, root, self.main.record):
            each.end_time_unix_nano = self.now + self.environment.skew_ns
        if failed:
            root.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message=failed))
        self.environment.free_ns = self.now + MS
        for item in self._items:
            self.add(item, everywhere or {})
        if lost:
            return self
        if forget_root:
            self._items.remove(self.root)
        if self.main is self.root:
            self._export("traces", self._items)
        else:
            self._export("traces", self._items[:1])
            self._export("traces", self._items[1:], WORKER_PROCESS)
        self._export("logs", self._logs)
        return self

    def _export(self, signal: str, items: list[Item], process: Attributes | None = None) -> None:
        if not items:
            return
        platform = self.function.platform
        late_ns = self.now + self.world.rnd.randrange(50, 900) * MS
        chunks = [items]
        if platform.name in ("java", "worker") and len(items) > 1:  # a batch processor's timer
            middle = self.world.rnd.randrange(1, len(items))
            chunks = [items[middle:], items[:middle]]
        for chunk in chunks:
            resource = self.environment.resource | (process or {})
            self.world.exports.append(Export(signal, resource, platform.scope, chunk, late_ns))
            late_ns += 5 * SECOND
