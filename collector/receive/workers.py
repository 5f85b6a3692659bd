"""Keeps long work off the event loop: inflating and parsing of all but small bodies."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from collector.receive.admission import Admission
from collector.receive.decompress import inflate

T = TypeVar("T")

# Bodies up to this size are worked on at once: a hop to a thread and back costs more. The worst
# one of this size, 64 MiB of zeros, takes 30 ms.
_SMALL_BYTES: Final = 8 * 1024

# As many as there is to gain beside the event loop and the intake, which share the interpreter.
_THREADS: Final = 2


class Workers:
    """A few threads shared by all transports."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "receive")

    async def run(self, nbytes: int, work: Callable[..., T], *arguments: object) -> T:
        """``work(*arguments)``; in a thread when it is about more than a few bytes."""
        if nbytes <= _SMALL_BYTES:
            return work(*arguments)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def inflate(
        self, received: bytes, encodings: list[str], limit_bytes: int, admission: Admission
    ) -> bytes:
        """The body with its encodings undone; ``admission`` then covers just that.

        Raises:
            TooLarge, Malformed, Overloaded: see :func:`decompress.inflate`.
        """
        if not encodings:
            return received
        plain = await self.run(
            len(received), inflate, received, encodings, limit_bytes, admission.grow
        )
        admission.resize(len(plain))
        return plain

    def stop(self) -> None:
        """Ends the threads when their work is done."""
        self._threads.shutdown()
