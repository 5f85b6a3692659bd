"""Senders that wait for the answer to their export, each in an event loop."""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from collector.batch import Outcome, Signal
from collector.errors import LockstitchError
from collector.receive.admission import Admission

Answer = Outcome | LockstitchError


@dataclass(eq=False, slots=True)
class Sender:
    """One export and whom to tell; ``future`` belongs to ``loop``."""

    signal: Signal
    body: bytes
    received_ns: int
    admission: Admission
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Outcome]


def answer(answers: Iterable[tuple[Sender, Answer]]) -> None:
    """Tells every sender, from any thread, with one wake-up for each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Sender, Answer]]] = {}
    for sender, result in answers:
        by_loop.setdefault(sender.loop, []).append((sender, result))
    for loop, pairs in by_loop.items():
        with contextlib.suppress(RuntimeError):  # a loop that has ended: so have its senders
            loop.call_soon_threadsafe(_settle, pairs)


def release(admissions: Iterable[Admission]) -> None:
    """Gives back what was reserved for exports that are applied or refused."""
    for admission in admissions:
        admission.release()


def _settle(pairs: Iterable[tuple[Sender, Answer]]) -> None:
    for sender, result in pairs:
        if sender.future.done():  # the sender has gone; what it sent is kept
            continue
        if isinstance(result, Outcome):
            sender.future.set_result(result)
        else:
            sender.future.set_exception(result)
