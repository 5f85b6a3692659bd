"""Loads the stories of sample_data into a running collector, through its own HTTP port."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from collector.errors import LockstitchError
from collector.service import Service
from web import stories
from web.captures import Recorded
from web.posts import Post
from web.sending import Sender

# Exports sent one by one each wait for the disk: 61 s; 8 at a time take 19 s, 64 take 8.
_SENDERS = 64

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the loading is: exports sent of all, or the sentence of what stopped it.

    ``until_ns`` is when the stories end.
    """

    sent: int = 0
    total: int = 0
    running: bool = False
    error: str | None = None
    until_ns: int = 0

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
        try:
            until_ns = time.time_ns()
            exports = stories.shifted_requests(until_ns=until_ns)
            self.progress = Progress(0, len(exports), running=True, until_ns=until_ns)
            with ThreadPoolExecutor(_SENDERS, "sample-sender") as pool:
                # What Firehose delivers may correct what it delivered before: one sender, in order.
                posts: list[Recorded] = [each for each in exports if isinstance(each, Post)]
                others: list[Recorded] = [each for each in exports if not isinstance(each, Post)]
                # Neighbours in time go to different senders, so the order stays nearly as recorded.
                shares = [posts, *(others[start :: _SENDERS - 1] for start in range(_SENDERS - 1))]
                for share in [pool.submit(self._send, share) for share in shares]:
                    share.result()
        except (LockstitchError, OSError) as error:
            self._advance(running=False, error=str(error))
            log.warning("sample data not loaded", error=str(error))
        else:
            self._advance(running=False)
            log.info("sample data loaded", exports=self.progress.sent)

    def _send(self, exports: list[Recorded]) -> None:
        with Sender(self._service.endpoints.http, self._service.access.own_token) as sender:
            for export in exports:
                if self._stopping.is_set():
                    return
                if isinstance(export, Post):
                    sender.post(export)
                else:
                    sender.send(*export)
                self._advance(sent=1)

    def _advance(self, *, sent: int = 0, running: bool = True, error: str | None = None) -> None:
        with self._lock:
            now = self.progress
            self.progress = Progress(now.sent + sent, now.total, running, error, now.until_ns)
