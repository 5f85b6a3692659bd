"""uvicorn's HTTP connection with bounds on what comes before a request: its head.

uvicorn waits for ever for a connection's first request and for the end of a head once begun, and
keeps a head of any size. Here a head has a time and a size, so that silent or dripping
connections cannot use up file descriptors or memory.

It also drops the body of a request that offers to go on in HTTP/2, as Java's client does with its
first one: the parser takes the body for the other protocol. Here the offer is not seen.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Exporters open a connection when they have something to send, and their heads fit one packet.
_HEAD_S: Final = 10.0
_HEAD_BYTES: Final = 64 * 1024

SWEEP_S: Final = 2.0

_OFFER: Final = b"pgrade: h2c"
_NO_OFFER: Final = b"-offer: h2c"


class Connection(HttpToolsProtocol):
    """One connection; ``head_since_s`` is when the head it waits for was due, None without one."""

    head_since_s: float | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A new connection owes us a head."""
        super().connection_made(transport)
        self._await_head()

    def on_message_begin(self) -> None:
        """The first byte of a request has come."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """The head is whole; the body has bounds of its own."""
        self.head_since_s = None
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Takes bytes of heads and bodies."""
        if self.head_since_s is not None or self.cycle is None or self.cycle.response_complete:
            data = _without_offer(data)
        super().data_received(data)
        if self.head_since_s is not None:
            self._head_bytes += len(data)
            if self._head_bytes > _HEAD_BYTES:
                self.transport.close()

    def _await_head(self) -> None:
        self.head_since_s = self.loop.time()
        self._head_bytes = 0


def _without_offer(data: bytes) -> bytes:
    """Renames the header that offers HTTP/2; ``data`` starts within a head."""
    end = data.find(b"\r\n\r\n")
    at = data.find(_OFFER, 0, len(data) if end < 0 else end)  # bodies may be 256 KiB a time
    if at < 0:
        return data
    return data[:at] + _NO_OFFER + data[at + len(_OFFER) :]


def close_dripping(connections: Iterable[Any], now_s: float) -> None:
    """Closes the connections whose head has taken too long; called every ``SWEEP_S`` seconds.

    One sweep over all connections costs less than a timer for each request.
    """
    for connection in list(connections):
        since_s = connection.head_since_s
        if since_s is not None and now_s - since_s > _HEAD_S:
            connection.transport.close()
