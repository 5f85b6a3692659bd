"""Sends messages side by side: a thread each, one message a target at a time, so many in all."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from collector.alerts.messages import Message
from collector.model.delivery import Attempt, OpenDelivery
from collector.settings import TargetSettings

# A slow target holds one of them for as long as an attempt may take, and no other target.
MOST_AT_ONCE: Final = 16

_log = structlog.get_logger(__name__)


class Post(Protocol):
    """Sends one message to one target, in the thread that asks."""

    def __call__(self, target: TargetSettings, message: Message) -> Attempt: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """A message whose attempt has ended, taken or not."""

    message: Message
    deliveries: Sequence[OpenDelivery]
    attempt: Attempt


class Sending:
    """``on_done`` is called after each attempt, in the thread that made it."""

    def __init__(self, post: Post, on_done: Callable[[], None]) -> None:
        self._post = post
        self._on_done = on_done
        self._under_way: set[str] = set()
        self._done: list[Sent] = []
        self._changed = threading.Condition()

    @property
    def busy(self) -> set[str]:
        """Targets that have a message under way, or one whose end is not written down."""
        with self._changed:
            return self._under_way | {each.message.target for each in self._done}

    @property
    def free(self) -> int:
        """How many more messages may be begun now."""
        with self._changed:
            return MOST_AT_ONCE - len(self._under_way)

    def begin(
        self, target: TargetSettings, message: Message, deliveries: Sequence[OpenDelivery]
    ) -> None:
        """Sends a message in a thread of its own, which does not outlive the process."""
        with self._changed:
            self._under_way.add(target.name)
        threading.Thread(
            target=self._send,
            args=(target, message, deliveries),
            name=f"to {target.name}",
            daemon=True,
        ).start()

    def done(self) -> list[Sent]:
        """The attempts that have ended and are not forgotten, in the order they ended."""
        with self._changed:
            return list(self._done)

    def forget(self, sent: Sent) -> None:
        """What became of it is written down."""
        with self._changed:
            self._done.remove(sent)

    def wait_idle(self, timeout_s: float) -> bool:
        """Waits until no attempt is under way; False: one still is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._under_way, timeout_s)

    def _send(
        self, target: TargetSettings, message: Message, deliveries: Sequence[OpenDelivery]
    ) -> None:
        attempt = posted(self._post, target, message)
        with self._changed:
            self._under_way.discard(target.name)
            self._done.append(Sent(message, deliveries, attempt))
            self._changed.notify_all()
        self._on_done()


def posted(post: Post, target: TargetSettings, message: Message) -> Attempt:
    """One attempt; a fault of a sender is a failed one, told without its text."""
    began = time.monotonic()
    try:
        return post(target, message)
    except Exception as error:  # a fault of ours, or of a plugin; its text may hold a secret
        kind = type(error).__name__
        _log.error("sending an alert broke", target=target.name, error=kind)
        latency_ms = (time.monotonic() - began) * 1e3
        return Attempt(latency_ms, error=f"sending broke with {kind}; it is tried again")
