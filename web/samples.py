"""Loads the recorded stories into a running collector, through its own OTLP/HTTP port."""

import threading
import time
from dataclasses import dataclass

import structlog

from collector.errors import LockstitchError
from collector.service import Service
from web import stories
from web.sending import Sender

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the loading is: exports sent of all, or the sentence of what stopped it."""

    sent: int = 0
    total: int = 0
    running: bool = False
    error: str | None = None

    @property
    def done(self) -> bool:
        return self.total > 0 and self.sent == self.total


class SampleData:
    """Replays the stories once, in the background, shifted to end now."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.progress = Progress()

    def start(self) -> None:
        """Starts the replay; does nothing while one runs or after one has ended well."""
        with self._lock:
            if self.progress.running or self.progress.done:
                return
            self.progress = Progress(running=True)
            self._thread = threading.Thread(target=self._replay, name="sample-data", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends a replay in progress and waits for its thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _replay(self) -> None:
        sent, total = 0, 0
        try:
            exports = stories.shifted_exports(until_ns=time.time_ns())
            total = len(exports)
            token = self._service.access.own_token
            with Sender(self._service.endpoints.http, token) as sender:
                for signal, body in exports:
                    if self._stopping.is_set():
                        break
                    sender.send(signal, body)
                    sent += 1
                    self.progress = Progress(sent, total, running=True)
            self.progress = Progress(sent, total)
            log.info("sample data loaded", exports=sent)
        except (LockstitchError, OSError) as error:
            self.progress = Progress(sent, total, error=str(error))
            log.warning("sample data not loaded", error=str(error))
