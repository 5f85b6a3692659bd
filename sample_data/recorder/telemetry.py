"""Buffers the platform's events of each environment and delivers them as Lambda does.

Events are delivered in batches after an invocation; the report of an invocation arrives with the
next batch of its environment, or when the environment is quiet or shuts down.
"""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from .environment import Environment
from .extension import Extension, Send
from .function import ACCOUNT_ID, REGION
from .telemetry_events import Event

METRICS_EVERY_S = 30.0


@dataclass
class _Stream:
    """What is known of one environment: its extension and what it still owes."""

    extension: Extension
    environment: Environment
    pending: list[Event] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    metrics_due: float = field(default_factory=lambda: time.monotonic() + METRICS_EVERY_S)


class PlatformTelemetry:
    """Delivers batches to each environment's extension and keeps them raw as JSON lines."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._streams: dict[str, _Stream] = {}
        self._raw: list[str] = []
        self._lock = threading.Lock()

    def tell(self, environment: Environment, event: Event) -> None:
        """Takes one event; the end of an invocation delivers what came before its report."""
        with self._lock:
            stream = self._streams.get(environment.instance)
            if stream is None:
                extension = Extension(environment.function, self._send)
                stream = self._streams[environment.instance] = _Stream(extension, environment)
        with stream.lock:
            stream.pending.append(event)
        if event["type"] == "platform.runtimeDone":
            self._deliver(stream)

    def flush(self, environment: Environment) -> None:
        """Delivers all an environment still owes: it is quiet or has shut down."""
        self._deliver(self._streams[environment.instance])

    def close(self, environment: Environment) -> None:
        """The environment's end: last events, last metrics."""
        self.flush(environment)
        self._streams[environment.instance].extension.flush_metrics(time.time_ns())

    def raw_lines(self) -> Sequence[str]:
        """Every batch as delivered: `{"received_ns", "headers", "events"}`, in order."""
        with self._lock:
            return list(self._raw)

    def _deliver(self, stream: _Stream) -> None:
        with stream.lock:
            batch, stream.pending = stream.pending, []
            received_ns = time.time_ns()
            if batch:
                stream.extension.forward(batch, received_ns)
                self._keep_raw(stream.environment, batch, received_ns)
            if time.monotonic() >= stream.metrics_due:
                stream.metrics_due = time.monotonic() + METRICS_EVERY_S
                stream.extension.flush_metrics(received_ns)

    def _keep_raw(self, environment: Environment, batch: list[Event], received_ns: int) -> None:
        headers = {
            "Lambda-Function-Name": environment.function.name,
            "Lambda-Function-Version": environment.function.version,
            "Lambda-Log-Stream": environment.instance,
            "Lambda-Region": REGION,
            "Lambda-Account-Id": ACCOUNT_ID,
        }
        line = {"received_ns": received_ns, "headers": headers, "events": batch}
        with self._lock:
            self._raw.append(json.dumps(line, separators=(",", ":")))
