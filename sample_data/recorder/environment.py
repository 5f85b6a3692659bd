"""One execution environment: a real process and runtime, and what the platform says of it."""

import os
import queue
import secrets
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import log_pipe
from . import telemetry_events as events
from .function import Function
from .runtime_api import Answer, Invocation, RuntimeApi

INIT_LIMIT_S = 60.0
MEMORY_FLOOR_MB = 1


@dataclass(frozen=True)
class Outcome:
    """How one attempt ended, with the platform's own figures."""

    status: str
    error_type: str | None
    payload: bytes
    started_ns: int
    duration_ms: float
    init_ms: float | None
    billed_ms: int
    max_memory_mb: int
    instance: str

    @property
    def cold(self) -> bool:
        return self.init_ms is not None


def log_stream(version: str) -> str:
    """`2026/11/20/[1]<32 hex>`: the name Lambda gives an environment's log stream."""
    return f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{secrets.token_hex(16)}"


class Environment:
    """Starts its process at once; takes one invocation at a time until it is closed or dies."""

    def __init__(
        self,
        function: Function,
        command: list[str],
        variables: dict[str, str],
        tell: Callable[["Environment", events.Event], None],
    ) -> None:
        self.function = function
        self.instance = log_stream(function.version)
        self.idle_since = time.monotonic()
        self._tell = tell
        self._api = RuntimeApi()
        self._init_started_ns = time.time_ns()
        self._init_ms: float | None = None
        self._say(self._init_start())
        log_read, log_write = os.pipe()
        self._process = subprocess.Popen(
            command,
            env=variables
            | {
                "AWS_LAMBDA_RUNTIME_API": self._api.address,
                "AWS_LAMBDA_LOG_STREAM_NAME": self.instance,
                "_LAMBDA_TELEMETRY_LOG_FD": str(log_write),
            },
            pass_fds=[log_write],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        os.close(log_write)
        self._readers = [
            self._reader(log_pipe.read_frames, os.fdopen(log_read, "rb")),
            self._reader(log_pipe.read_lines, self._process.stdout),
        ]

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def invoke(self, request_id: str, event: bytes, root: str) -> Outcome:
        """Runs one attempt to its end: an answer, a timeout or the death of the process."""
        init_ms = self._finish_init()
        segment_id = secrets.token_hex(8)
        trace_header = f"Root={root};Parent={segment_id};Sampled=1"
        started_ns = time.time_ns()
        version = self.function.version
        self._say(events.start(started_ns, request_id, version, trace_header, segment_id))
        deadline_ms = started_ns // 1_000_000 + int(self.function.timeout_s * 1000)
        self._api.hand(Invocation(request_id, event, self.function.arn, trace_header, deadline_ms))
        answer, status, error_type = self._await_answer(started_ns)
        ended_ns = answer.at_ns if answer else time.time_ns()
        duration_ms = round((ended_ns - started_ns) / 1e6, 2)
        if status == "timeout":
            duration_ms = self.function.timeout_s * 1000
        outcome = Outcome(
            status=status,
            error_type=error_type,
            payload=answer.payload if answer else b"",
            started_ns=started_ns,
            duration_ms=duration_ms,
            init_ms=init_ms,
            billed_ms=events.billed_ms(duration_ms, init_ms),
            max_memory_mb=self._peak_memory_mb,
            instance=self.instance,
        )
        self._say_end(request_id, outcome, ended_ns)
        self.idle_since = time.monotonic()
        return outcome

    def close(self) -> None:
        """Shuts the environment down: SIGTERM, then SIGKILL after two seconds, as Lambda does."""
        self._process.terminate()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._api.close()

    def _init_start(self) -> events.Event:
        name, version = self.function.name, self.function.version
        return events.init_start(
            self._init_started_ns, name, version, self.function.runtime, secrets.token_hex(16)
        )

    def _finish_init(self) -> float | None:
        """Waits for the runtime to be ready; the init duration, once, for the first invocation."""
        if self._init_ms is not None:
            return None
        if not self._api.ready.wait(INIT_LIMIT_S):
            raise RuntimeError(f"{self.function.name} does not start: run its command by hand")
        ready_ns = time.time_ns()
        self._init_ms = round((ready_ns - self._init_started_ns) / 1e6, 2)
        for event in events.init_done(ready_ns, self._init_ms):
            self._say(event)
        return self._init_ms

    def _await_answer(self, started_ns: int) -> tuple[Answer | None, str, str | None]:
        self._peak_memory_mb = MEMORY_FLOOR_MB
        while True:
            left_s = self.function.timeout_s - (time.time_ns() - started_ns) / 1e9
            self._note_memory()
            try:
                answer = self._api.answers.get(timeout=max(0.0, min(left_s, 0.25)))
            except queue.Empty:
                if not self.alive:
                    return None, "error", "Runtime.ExitError"
                if left_s <= 0:
                    self._process.kill()
                    return None, "timeout", None
                continue
            self._note_memory()
            status = "error" if answer.error_type else "success"
            return answer, status, answer.error_type

    def _note_memory(self) -> None:
        """Reads the process's peak resident size; a process just gone keeps its last figure."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                self._peak_memory_mb = max(self._peak_memory_mb, int(line.split()[1]) // 1024)

    def _say_end(self, request_id: str, outcome: Outcome, ended_ns: int) -> None:
        if outcome.error_type == "Runtime.ExitError" or outcome.status == "timeout":
            for reader in self._readers:
                reader.join(2)  # a dead process's last words come before its report
        done_status = "failure" if outcome.error_type == "Runtime.ExitError" else outcome.status
        duration_ms, error_type = outcome.duration_ms, outcome.error_type
        produced = len(outcome.payload)
        self._say(
            events.runtime_done(
                ended_ns, request_id, done_status, error_type, duration_ms, produced
            )
        )
        self._say(
            events.report(
                time.time_ns(),
                request_id,
                outcome.status,
                error_type,
                duration_ms=duration_ms,
                init_ms=outcome.init_ms,
                memory_mb=self.function.memory_mb,
                max_memory_mb=outcome.max_memory_mb,
            )
        )

    def _reader(self, read: Any, pipe: Any) -> threading.Thread:
        def say(line: str) -> None:
            self._say(events.function_line(time.time_ns(), line))

        thread = threading.Thread(target=read, args=(pipe, say), daemon=True)
        thread.start()
        return thread

    def _say(self, event: events.Event) -> None:
        self._tell(self, event)
