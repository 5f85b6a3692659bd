"""Sends business events at a story's front door: calm stretches and bursts."""

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Phase:
    """`count` events at random moments of `seconds`."""

    count: int
    seconds: float


def drive(
    events: Sequence[T], phases: Sequence[Phase], send: Callable[[T], None], chance: random.Random
) -> None:
    """Sends every event in its phase and waits until all are answered."""
    waiting = list(events)
    with ThreadPoolExecutor(32) as clients:
        results = []
        for phase in phases:
            began = time.monotonic()
            moments = sorted(chance.uniform(0, phase.seconds) for _ in range(phase.count))
            for moment in moments:
                time.sleep(max(0.0, began + moment - time.monotonic()))
                results.append(clients.submit(send, waiting.pop(0)))
            time.sleep(max(0.0, began + phase.seconds - time.monotonic()))
    for result in results:
        result.result()  # a failure of the recorder itself ends the recording
