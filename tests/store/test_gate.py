"""The gate between those who derive and a checkpoint."""

import threading
from collections.abc import Callable
from contextlib import suppress

from collector.store.gate import Gate


def entered(work: Callable[[], None], timeout_s: float) -> tuple[threading.Thread, bool]:
    """Starts ``work``, which ends when it gets in; whether it did in time."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(timeout_s)
    return thread, not thread.is_alive()


def test_many_are_inside_together() -> None:
    """Nobody waits for another."""
    gate = Gate()

    def work() -> None:
        with gate.together():
            pass

    with gate.together():
        assert entered(work, 10)[1]


def test_who_is_alone_waits_and_goes_before_newcomers() -> None:
    """A checkpoint is not put off by runs that follow each other without a gap."""
    gate, order = Gate(), list[str]()

    def alone() -> None:
        with gate.alone():
            order.append("alone")

    def together() -> None:
        with gate.together():
            order.append("together")

    with gate.together():
        first, early = entered(alone, 0.2)
        second, pushed = entered(together, 0.2)
        assert (early, pushed) == (False, False)
    first.join(10)
    second.join(10)

    assert order == ["alone", "together"]


def test_a_fault_inside_leaves_the_gate_open() -> None:
    """Who failed is no longer inside."""
    gate = Gate()
    for enter in (gate.together, gate.alone):
        with suppress(ZeroDivisionError), enter():
            1 / 0  # noqa: B018 - the fault

    def work() -> None:
        with gate.alone():
            pass

    assert entered(work, 10)[1]
