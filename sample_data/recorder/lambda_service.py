"""Plays the Lambda service: environments, concurrency, synchronous and asynchronous invocations."""

import json
import queue
import re
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .environment import Environment, Outcome
from .function import Function
from .launch import Launcher
from .telemetry import PlatformTelemetry
from .truth import Attempt, Ledger, Message

# Lambda waits 1 and then 2 minutes before it retries an asynchronous invocation; a recording
# cannot, so its back-off is 60 times shorter and keeps the proportion.
RETRY_DELAYS_S = (1.0, 2.0)
IDLE_FLUSH_S = 1.0


def new_root() -> str:
    """A new X-Ray root: `1-<8 hex epoch seconds>-<24 hex>`."""
    return f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"


def root_of(trace_header: str | None) -> str:
    """The root a tracing header carries, or a new one."""
    found = re.search(r"Root=([^;]+)", trace_header or "")
    return found.group(1) if found else new_root()


class Pool:
    """The environments of one function; at most `max_environments` work at once."""

    def __init__(self, function: Function, start: Callable[[Function], Environment]) -> None:
        self.function = function
        self._start = start
        self._idle: list[Environment] = []
        self._all: list[Environment] = []
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(function.max_environments)

    def take(self) -> Environment:
        """The environment used last, or a new one: what Lambda does as well."""
        self._slots.acquire()
        with self._lock:
            while self._idle:
                environment = self._idle.pop()
                if environment.alive:
                    return environment
        environment = self._start(self.function)
        with self._lock:
            self._all.append(environment)
        return environment

    def give_back(self, environment: Environment) -> None:
        with self._lock:
            if environment.alive:
                self._idle.append(environment)
        self._slots.release()

    def idle_for(self, seconds: float) -> list[Environment]:
        """Environments nobody has used for so long; they stay in the pool."""
        limit = time.monotonic() - seconds
        with self._lock:
            return [each for each in self._idle if each.idle_since < limit]

    def retire(self, environment: Environment) -> bool:
        """Takes an idle environment out for good; False when it was taken meanwhile."""
        with self._lock:
            if environment not in self._idle:
                return False
            self._idle.remove(environment)
        return True

    def environments(self) -> Sequence[Environment]:
        with self._lock:
            return list(self._all)


class LambdaService:
    """Invokes the functions of a story and notes what really happened."""

    def __init__(
        self,
        functions: Sequence[Function],
        code: Path,
        launcher: Launcher,
        telemetry: PlatformTelemetry,
        event_id_pattern: str,
        idle_limit_s: float,
    ) -> None:
        self.ledger = Ledger()
        self.dead_letters: queue.Queue[tuple[str, str]] = queue.Queue()
        """(function, request id) of asynchronous invocations given up on."""
        self._telemetry = telemetry
        self._code = code
        self._launcher = launcher
        self._event_ids = re.compile(event_id_pattern)
        self._idle_limit_s = idle_limit_s
        self._pools = {each.name: Pool(each, self._start) for each in functions}
        self._async = ThreadPoolExecutor(64, "async")
        self._pending = 0
        self._pending_lock = threading.Lock()
        self._closing = threading.Event()
        self._reaper = threading.Thread(target=self._reap, daemon=True)
        self._reaper.start()

    def invoke(
        self,
        name: str,
        event: Any,
        *,
        source: str,
        trace_header: str | None = None,
        messages: Sequence[Message] = (),
        request_id: str | None = None,
        attempt: int = 1,
    ) -> Outcome:
        """One attempt, waited for."""
        pool = self._pools[name]
        request_id = request_id or str(uuid.uuid4())
        root = root_of(trace_header)
        environment = pool.take()
        try:
            body = json.dumps(event).encode()
            outcome = environment.invoke(request_id, body, root)
        finally:
            pool.give_back(environment)
        if not environment.alive:
            self._telemetry.close(environment)
        told = body + outcome.payload
        self.ledger.note(
            Attempt(
                function=name,
                request_id=request_id,
                attempt=attempt,
                xray_trace_id=root,
                instance=outcome.instance,
                cold=outcome.cold,
                started_ns=outcome.started_ns,
                duration_ms=outcome.duration_ms,
                init_ms=outcome.init_ms,
                billed_ms=outcome.billed_ms,
                max_memory_mb=outcome.max_memory_mb,
                status=outcome.status,
                error_type=outcome.error_type,
                source=source,
                event_ids=self.event_ids(told),
                messages=tuple(messages),
            )
        )
        return outcome

    def invoke_later(self, name: str, event: Any, source: str, trace_header: str | None) -> None:
        """An asynchronous invocation: queued, and retried twice under the same request id."""
        with self._pending_lock:
            self._pending += 1
        self._async.submit(self._deliver, name, event, source, trace_header)

    @property
    def busy(self) -> bool:
        """Whether asynchronous invocations are still to be made."""
        with self._pending_lock:
            return self._pending > 0

    def event_ids(self, text: bytes | str) -> tuple[str, ...]:
        """The business events a payload speaks of."""
        plain = text.decode(errors="replace") if isinstance(text, bytes) else text
        return tuple(sorted(set(self._event_ids.findall(plain))))

    def close(self) -> None:
        """Shuts every environment down and delivers the last of their telemetry."""
        self._closing.set()
        self._reaper.join()
        self._async.shutdown()
        for pool in self._pools.values():
            for environment in pool.environments():
                if pool.retire(environment):
                    self._end(environment)

    def _deliver(self, name: str, event: Any, source: str, trace_header: str | None) -> None:
        request_id = str(uuid.uuid4())
        root = root_of(trace_header)
        try:
            for attempt, delay_s in enumerate((0.0, *RETRY_DELAYS_S), start=1):
                time.sleep(delay_s)
                outcome = self.invoke(
                    name,
                    event,
                    source=source,
                    trace_header=f"Root={root}",
                    request_id=request_id,
                    attempt=attempt,
                )
                if outcome.status == "success":
                    return
            self.dead_letters.put((name, request_id))
        finally:
            with self._pending_lock:
                self._pending -= 1

    def _start(self, function: Function) -> Environment:
        command, variables = self._launcher.command_for(function, self._code)
        return Environment(function, command, variables, self._telemetry.tell)

    def _reap(self) -> None:
        while not self._closing.wait(0.5):
            for pool in self._pools.values():
                for environment in pool.idle_for(self._idle_limit_s):
                    if pool.retire(environment):
                        self._end(environment)
                for environment in pool.idle_for(IDLE_FLUSH_S):
                    self._telemetry.flush(environment)

    def _end(self, environment: Environment) -> None:
        environment.close()
        self._telemetry.close(environment)
