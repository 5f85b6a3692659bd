"""Plays the Lambda service: environments, concurrency, synchronous and asynchronous invocations."""

import json
import re
import secrets
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .environment import Environment, Outcome
from .function import Function
from .launch import Launcher
from .pool import Pool
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
        self.given_up: list[tuple[str, str]] = []
        """(function, request id) of asynchronous invocations that failed every time."""
        self.troubles: list[BaseException] = []
        """What went wrong in the recorder itself, in any thread."""
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
        self._count(1)
        environment = pool.take()
        try:
            body = json.dumps(event).encode()
            outcome = environment.invoke(request_id, body, root)
        finally:
            pool.give_back(environment)
            self._count(-1)
        if not environment.alive:
            self._end(environment)
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
        self._count(1)
        self._async.submit(self._deliver, name, event, source, trace_header)

    @property
    def busy(self) -> bool:
        """Whether an invocation runs or an asynchronous one is still to be made."""
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

    def _count(self, change: int) -> None:
        with self._pending_lock:
            self._pending += change

    def _deliver(self, name: str, event: Any, source: str, trace_header: str | None) -> None:
        request_id = str(uuid.uuid4())
        root = root_of(trace_header)
        try:
            self._try_thrice(name, event, source, root, request_id)
        except Exception as error:
            self.troubles.append(error)
        finally:
            self._count(-1)

    def _try_thrice(self, name: str, event: Any, source: str, root: str, request_id: str) -> None:
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
        self.given_up.append((name, request_id))

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
