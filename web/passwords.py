"""Checks the web password: off the event loop, a few at a time, and not as often as one likes."""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final

from web.api.problems import Problem

MAX_FAILURES: Final = 5
"""Wrong passwords one address may send within :data:`FORGET_S`."""

MAX_FAILURES_IN_ALL: Final = 50
"""The same for all addresses together: guessing from many hosts is no faster."""

FORGET_S: Final = 60.0
_REMEMBER_S: Final = 300.0
_TOO_OFTEN: Final = "too many wrong passwords: wait a minute and try again"


class Passwords:
    """``verify`` is argon2 and takes tens of milliseconds and 64 MiB: one runs at a time.

    A right password is remembered for five minutes as a keyed hash, for scripts that send it
    with each request; ``stamp`` changes when the password does and ends that.
    """

    def __init__(
        self,
        verify: Callable[[str], bool],
        stamp: Callable[[], bytes],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._verify = verify
        self._stamp = stamp
        self._clock = clock
        self._one_at_a_time = asyncio.Semaphore(1)
        # Bounded: entries end after a minute, and no more than MAX_FAILURES_IN_ALL are let in.
        self._failures: dict[str, list[float]] = {}
        self._key = secrets.token_bytes(32)
        self._known: tuple[bytes, float] = (b"", 0.0)

    async def verify(self, address: str, password: str) -> bool:
        """Whether the password is right.

        Raises:
            Problem: 429, this address (or all together) sent too many wrong ones.
        """
        if self._is_known(password):
            return True
        self._refuse_guessing(address)
        async with self._one_at_a_time:
            self._refuse_guessing(address)
            right = await asyncio.to_thread(self._verify, password)
            if right:
                self._known = (self._digest(password), self._clock() + _REMEMBER_S)
                self._failures.pop(address, None)
            else:
                self._failed(address)
        return right

    def _is_known(self, password: str) -> bool:
        digest, until = self._known
        return self._clock() < until and hmac.compare_digest(digest, self._digest(password))

    def _digest(self, password: str) -> bytes:
        hashed = hashlib.blake2b(key=self._key)
        for part in (self._stamp(), password.encode("utf-8", "surrogatepass")):
            hashed.update(len(part).to_bytes(8, "big") + part)
        return hashed.digest()

    def _refuse_guessing(self, address: str) -> None:
        now = self._clock()
        recent = sum(self._recent(known, now) for known in list(self._failures))
        if recent >= MAX_FAILURES_IN_ALL or self._recent(address, now) >= MAX_FAILURES:
            raise Problem(429, _TOO_OFTEN, {"Retry-After": str(int(FORGET_S))})

    def _recent(self, address: str, now: float) -> int:
        kept = [at for at in self._failures.get(address, ()) if now - at < FORGET_S]
        if kept:
            self._failures[address] = kept
        else:
            self._failures.pop(address, None)
        return len(kept)

    def _failed(self, address: str) -> None:
        self._failures.setdefault(address, []).append(self._clock())
