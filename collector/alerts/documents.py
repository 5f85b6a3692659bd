"""Takes values off a document that a person wrote, and says what is wrong with all of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from collector.alerts.spans import ACCEPTED, span_of, span_text
from collector.errors import BadQuestion

_LONGEST_NS: Final = 7 * 86_400 * 10**9


class BadRule(BadQuestion):
    """A rule or an objective cannot be what it says; each line of the text is one fault."""


@dataclass(slots=True)
class Reader:
    """Takes values off a document and keeps what is wrong, so that all is said at once."""

    given: Mapping[str, Any]
    faults: list[str] = field(default_factory=list)

    def only(self, names: Sequence[str]) -> None:
        """Faults any key that is none of these."""
        for key in self.given:
            if key not in names:
                near = get_close_matches(str(key), names, 1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
                self.faults.append(f"{key} is not known: {hint}")

    def text(self, name: str, *, needed: bool = False, most: int = 200) -> str | None:
        """A text without blanks around it; empty is not given."""
        value = self.given.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if needed:
                self.faults.append(f"{name} is missing: give it a text")
            return None
        if not isinstance(value, str):
            self.faults.append(f"{name} must be a text, not {shown(value)}")
            return None
        if len(value) > most:
            self.faults.append(f"{name} has {len(value)} characters: {most} is the most")
        return value.strip()[:most]

    def choice(self, name: str, of: Sequence[str], default: str) -> str:
        """One of some words."""
        value = self.given.get(name)
        if value is None:
            return default
        if value not in of:
            self.faults.append(f"{name} is {shown(value)}: use one of {', '.join(of)}")
            return default
        return str(value)

    def number(self, name: str, default: float | None = None) -> float | None:
        """A finite number."""
        value = self.given.get(name)
        if value is None:
            return default
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            self.faults.append(f"{name} is {shown(value)}: use a number, in the metric's unit")
            return default
        return float(value)

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number that is not below zero."""
        value = self.given.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.faults.append(f"{name} is {shown(value)}: use a whole number, 0 or more")
            return default
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value = self.given.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.faults.append(f"{name} is {shown(value)}: use true or false")
            return default
        return value

    def span(
        self, name: str, default: str, *, least_ns: int = 0, most_ns: int = _LONGEST_NS
    ) -> int:
        """A length of time, in ns."""
        value = self.given.get(name)
        read = (
            span_of(default if value is None else value) if isinstance(value, str | None) else None
        )
        if read is None:
            self.faults.append(f"{name} is {shown(value)}: use {ACCEPTED}")
            return least_ns
        if not least_ns <= read <= most_ns:
            self.faults.append(
                f"{name} is {value}: use {span_text(least_ns)} at least, "
                f"{span_text(most_ns)} at most"
            )
        return read

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self.given.get(name)
        if value is None:
            return ()
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            self.faults.append(f"{name} is {shown(value)}: use a list of texts")
            return ()
        return tuple(dict.fromkeys(each.strip() for each in value if each.strip()))

    def done(self, what: str) -> None:
        """Raises when anything was wrong.

        Raises:
            BadRule: one line a fault.
        """
        if self.faults:
            raise BadRule("\n".join(f"{what}: {fault}" for fault in self.faults))


def shown(value: Any) -> str:
    """A value as messages quote it."""
    return f"{value!r}"[:80]
