"""The budget of bytes in flight."""

import asyncio
import threading

import pytest

from collector.errors import Overloaded
from collector.receive.admission import Budget


def test_beyond_the_limit_senders_wait() -> None:
    """What does not fit is refused and reserves nothing."""
    budget = Budget(100_000)
    first = budget.admit(90_000)
    held = budget.in_flight_bytes
    with pytest.raises(Overloaded):
        budget.admit(20_000)

    assert budget.in_flight_bytes == held
    first.release()
    assert budget.in_flight_bytes == 0


def test_a_request_alone_always_has_room() -> None:
    """One request larger than the budget would otherwise never be taken."""
    budget = Budget(1000)
    alone = budget.admit(50_000)
    alone.grow(50_000)
    with pytest.raises(Overloaded):
        budget.admit(1)
    alone.release()

    assert budget.in_flight_bytes == 0


def test_tiny_requests_are_bounded_too() -> None:
    """Each costs something beside its bytes."""
    budget = Budget(100_000)
    for _ in range(23):
        budget.admit(0)

    with pytest.raises(Overloaded):
        budget.admit(10_000)
    assert budget.in_flight_bytes > 10_000


def test_growing_beyond_the_limit_keeps_what_was_held() -> None:
    """The request that could not grow gives its share back when it is refused."""
    budget = Budget(100_000)
    other, growing = budget.admit(50_000), budget.admit(1000)
    with pytest.raises(Overloaded):
        growing.grow(60_000)
    assert growing.nbytes == 1000
    growing.release()
    other.release()

    assert budget.in_flight_bytes == 0


def test_releasing_twice_gives_back_once() -> None:
    """An admission may be released by whoever comes first."""
    budget = Budget(100_000)
    kept, released = budget.admit(10), budget.admit(1000)
    held = budget.in_flight_bytes
    released.release()
    released.release()

    assert held - budget.in_flight_bytes > 1000
    kept.release()
    assert budget.in_flight_bytes == 0


def test_what_is_released_reserves_nothing_more() -> None:
    """A thread that still inflates a request which was given up is told to end."""
    budget = Budget(100_000)
    admission = budget.admit(1000)
    admission.release()
    with pytest.raises(Overloaded):
        admission.grow(500)

    assert budget.in_flight_bytes == 0


def test_threads_lose_no_byte() -> None:
    """Admitting and releasing from many threads ends at zero."""
    budget = Budget(10**9)

    def work() -> None:
        for size in range(2000):
            admission = budget.admit(size)
            admission.grow(7)
            admission.resize(3)
            admission.release()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert budget.in_flight_bytes == 0


def test_waiting_ends_when_there_is_room() -> None:
    """The replay at start blocks until the writer has caught up."""
    budget = Budget(100_000)
    first = budget.admit(90_000)
    threading.Timer(0.05, first.release).start()

    budget.wait(50_000).release()
    assert budget.in_flight_bytes == 0


def test_a_request_waits_a_moment_for_room() -> None:
    """A sender is held up while a checkpoint lasts, not sent away."""
    budget = Budget(100_000)
    everything = budget.admit(90_000)

    async def admitted() -> int:
        asyncio.get_running_loop().call_later(0.1, everything.release)
        return (await budget.admit_soon(50_000)).nbytes

    assert asyncio.run(admitted()) == 50_000
