"""When a message that was not taken is tried again, and when it is given up: pure."""

from dataclasses import dataclass
from typing import Final

from collector.model.delivery import FAILED, GIVEN_UP, SENT, Attempt, Ending

_S: Final = 10**9
_FIRST_S: Final = 5.0
_LONGEST_S: Final = 15 * 60.0
# Some ten minutes: what seems refused for good may be a wrong token or a deploy, mended by then.
MOST_REFUSALS: Final = 8
# Longer than any back-off: who asks for more is asked again all the same.
_LONGEST_ASKED_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a message is tried."""

    give_up_ns: int

    def ending(
        self, attempt: Attempt, attempts: int, first_try_ns: int, now_ns: int, chance: float
    ) -> Ending:
        """What becomes of a message after its ``attempts``-th attempt.

        ``chance`` in [0, 1) spreads the next ones, so that what failed together does not come back
        together: the wait doubles each time, and is between half of it and all of it.
        """
        if attempt.error is None:
            return Ending(SENT, attempts, now_ns, now_ns, attempt)
        refused = attempt.final and attempts >= MOST_REFUSALS
        if refused or now_ns - first_try_ns >= self.give_up_ns:
            return Ending(GIVEN_UP, attempts, now_ns, now_ns, attempt)
        wait_s = min(_LONGEST_S, _FIRST_S * 2.0 ** min(attempts - 1, 30)) * (0.5 + chance / 2)
        asked_s = min(attempt.wait_s or 0.0, _LONGEST_ASKED_S)
        return Ending(FAILED, attempts, now_ns + int(max(wait_s, asked_s) * _S), None, attempt)
