"""Reads one request body from an ASGI server, with bounds on its bytes and on its time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

from collector.errors import Malformed, Overloaded, TooLarge
from collector.receive.admission import Admission

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# A body may pause for this long; a sender that is slower for good is cut off by the rate below.
# Serverless environments are frozen in mid-request, so the refusal is a retryable one.
_GRACE_S: Final = 10.0
_SLOWEST_BYTES_PER_S: Final = 16 * 1024

# Reserved at once for what is announced. More is reserved as it arrives: announcing is free, so
# it must not be able to take the whole budget.
_TRUSTED_BYTES: Final = 1024**2

# After a refusal the rest of the body is read and dropped for this long: closing a socket with
# unread input resets the connection, and the sender would never see the answer.
_LINGER_S: Final = 2.0


class DisconnectedError(Exception):
    """The sender went away before its body was complete; nobody waits for an answer."""


class Body:
    """The body of one request; ``complete`` once all of it has been read."""

    __slots__ = ("_announced", "_receive", "complete")

    def __init__(self, receive: Receive, headers: Mapping[bytes, bytes]) -> None:
        length = headers.get(b"content-length")
        self._receive = receive
        self._announced = int(length) if length else 0
        self.complete = length is None and b"transfer-encoding" not in headers

    def bytes_to_reserve(self, limit_bytes: int) -> int:
        """What to reserve before reading.

        Raises:
            TooLarge: the announced length is over the limit: there is no need to read it.
        """
        if self._announced > limit_bytes:
            raise TooLarge(
                f"the body of {self._announced} bytes is over the limit of {limit_bytes}"
            )
        return min(self._announced, _TRUSTED_BYTES)

    async def read(self, limit_bytes: int, admission: Admission) -> bytes:
        """The whole body, each part of it reserved before the next is read.

        Raises:
            TooLarge: it passes ``limit_bytes``.
            Malformed: it is shorter than was announced.
            Overloaded: there is no room for it, or it stopped arriving.
            DisconnectedError: the sender went away.
        """
        loop = asyncio.get_running_loop()
        started = loop.time()
        pieces: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout_at(started + _GRACE_S) as deadline:
                while not self.complete:
                    if pieces:
                        earned = started + size / _SLOWEST_BYTES_PER_S
                        deadline.reschedule(min(loop.time(), earned) + _GRACE_S)
                    pieces.append(await self._piece())
                    size += len(pieces[-1])
                    if size > limit_bytes:
                        raise TooLarge(f"the body is over the limit of {limit_bytes} bytes")
                    if size > admission.nbytes:
                        admission.resize(size)
        except TimeoutError:
            raise Overloaded("the body stopped arriving: send it again") from None
        if size < self._announced:  # the parser stops at an Upgrade header it understands
            raise Malformed("the body did not come with the request: send it without Upgrade")
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def drop(self) -> None:
        """Reads and drops what is left, for a bounded time."""
        try:
            async with asyncio.timeout(_LINGER_S):
                while not self.complete:
                    await self._piece()
        except (TimeoutError, DisconnectedError):
            return

    async def _piece(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        self.complete = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece
