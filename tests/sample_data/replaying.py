"""Sends the exports of stories to a running collector."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from collector.batch import Signal
from tests.web.serving import Web
from web.sending import Sender

_SENDERS: Final = 32


def replay(web: Web, exports: Sequence[tuple[Signal, bytes]]) -> None:
    """Sends them from several senders at once, and waits until every answer has them."""
    with ThreadPoolExecutor(_SENDERS) as pool:
        parts = (exports[first::_SENDERS] for first in range(_SENDERS))
        list(pool.map(partial(send, web.service.endpoints.http), parts))
    web.settle()


def send(endpoint: str, exports: Sequence[tuple[Signal, bytes]]) -> None:
    """Sends exports one after the other."""
    with Sender(endpoint) as sender:
        for signal, body in exports:
            sender.send(signal, body)
