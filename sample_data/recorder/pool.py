"""The execution environments of one function, as Lambda reuses them."""

import threading
import time
from collections.abc import Callable, Sequence

from .environment import Environment
from .function import Function


class Pool:
    """The environments of one function; at most `max_environments` work at once."""

    def __init__(self, function: Function, start: Callable[[Function], Environment]) -> None:
        self.function = function
        self._start = start
        self._idle: list[Environment] = []
        self._all: list[Environment] = []
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(function.max_environments)

    def take(self) -> Environment:
        """The environment used last, or a new one: what Lambda does as well."""
        self._slots.acquire()
        with self._lock:
            while self._idle:
                environment = self._idle.pop()
                if environment.alive:
                    return environment
        environment = self._start(self.function)
        with self._lock:
            self._all.append(environment)
        return environment

    def give_back(self, environment: Environment) -> None:
        with self._lock:
            if environment.alive:
                self._idle.append(environment)
        self._slots.release()

    def idle_for(self, seconds: float) -> list[Environment]:
        """Environments nobody has used for so long; they stay in the pool."""
        limit = time.monotonic() - seconds
        with self._lock:
            return [each for each in self._idle if each.idle_since < limit]

    def retire(self, environment: Environment) -> bool:
        """Takes an idle environment out for good; False when it was taken meanwhile."""
        with self._lock:
            if environment not in self._idle:
                return False
            self._idle.remove(environment)
        return True

    def environments(self) -> Sequence[Environment]:
        with self._lock:
            return list(self._all)
