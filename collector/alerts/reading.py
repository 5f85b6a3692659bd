"""Reads a rule as a person wrote it, in JSON or TOML; what is wrong is said, with the remedy."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from collector.alerts.metric import Metric
from collector.alerts.metrics import METRICS
from collector.alerts.rules import COMPARISONS, NO_DATA, SEVERITIES, STORED, Rule, Scope
from collector.alerts.spans import ACCEPTED, span_of, span_text
from collector.errors import BadQuestion

_FIELDS: Final = (
    "name", "metric", "scope", "comparison", "threshold", "window", "for", "severity", "owner",
    "targets", "note", "no_data", "resolve_threshold", "keep_firing_for", "min_count", "enabled",
)  # fmt: skip
SCOPE_OF: Final = {
    "function": ("function", "provider"),
    "queue": ("queue", "provider"),
    "flow": ("flow",),
}
_LONGEST_NS: Final = 7 * 86_400 * 10**9
_SHORTEST_NS: Final = 60 * 10**9
_MOST_TEXT: Final = 2000


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
            self.faults.append(f"{name} must be a text, not {_shown(value)}")
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
            self.faults.append(f"{name} is {_shown(value)}: use one of {', '.join(of)}")
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
            self.faults.append(f"{name} is {_shown(value)}: use a number, in the metric's unit")
            return default
        return float(value)

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number that is not below zero."""
        value = self.given.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.faults.append(f"{name} is {_shown(value)}: use a whole number, 0 or more")
            return default
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value = self.given.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.faults.append(f"{name} is {_shown(value)}: use true or false")
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
            self.faults.append(f"{name} is {_shown(value)}: use {ACCEPTED}")
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
            self.faults.append(f"{name} is {_shown(value)}: use a list of texts")
            return ()
        return tuple(dict.fromkeys(each.strip() for each in value if each.strip()))

    def done(self, what: str) -> None:
        """Raises when anything was wrong.

        Raises:
            BadRule: one line a fault.
        """
        if self.faults:
            raise BadRule("\n".join(f"{what}: {fault}" for fault in self.faults))


def read_rule(given: Any, rule_id: str, source: str = STORED) -> Rule:
    """The rule a document describes; what it leaves out is as its metric suggests.

    Raises:
        BadRule: one line for everything that is wrong.
    """
    if not isinstance(given, Mapping):
        raise BadRule(f"a rule is an object with {', '.join(_FIELDS[:6])}, not {_shown(given)}")
    reader = Reader(given)
    reader.only(_FIELDS)
    name = reader.text("name", needed=True)
    metric = _metric(reader)
    scope = _scope(reader, metric)
    window_ns = reader.span("window", metric.window if metric else "5m", least_ns=_SHORTEST_NS)
    comparison = reader.choice("comparison", COMPARISONS, metric.comparison if metric else ">")
    threshold = reader.number("threshold", metric.threshold if metric else None)
    resolve = reader.number("resolve_threshold")
    owner = reader.text("owner")
    if metric and metric.needs_owner and owner is None:
        reader.faults.append(
            f"owner is missing: a rule on {metric.name} needs one, for dead letters that belong to "
            "nobody are never put back; name a team or a person"
        )
    _resolves(reader, comparison, threshold, resolve)
    rule = Rule(
        id=rule_id,
        name=name or "",
        metric=metric.name if metric else "",
        comparison=comparison,
        threshold=threshold or 0.0,
        window_ns=window_ns,
        for_ns=reader.span("for", metric.for_ if metric else "0s"),
        scope=scope,
        severity=reader.choice("severity", SEVERITIES, "warning"),
        owner=owner,
        targets=reader.texts("targets"),
        note=reader.text("note", most=_MOST_TEXT),
        no_data=reader.choice("no_data", NO_DATA, metric.no_data if metric else "ok"),
        resolve_threshold=resolve,
        keep_firing_for_ns=reader.span("keep_firing_for", "0s"),
        min_count=reader.whole("min_count"),
        enabled=reader.flag("enabled", default=True),
        source=source,
    )
    reader.done(f"rule {name!r}" if name else "rule")
    return rule


def _metric(reader: Reader) -> Metric | None:
    name = reader.text("metric", needed=True)
    if name is None or name in METRICS:
        return METRICS.get(name or "")
    near = get_close_matches(name, METRICS, 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(METRICS)}"
    reader.faults.append(f"metric {name[:80]!r} is not known: {hint}")
    return None


def _scope(reader: Reader, metric: Metric | None) -> Scope:
    given = reader.given.get("scope")
    if given is None:
        return Scope()
    if not isinstance(given, Mapping):
        reader.faults.append(
            f'scope is {_shown(given)}: use an object such as {{"function": "orders-*"}}, '
            "or leave it out to watch everything together"
        )
        return Scope()
    inner = Reader(given)
    takes = SCOPE_OF[metric.kind] if metric else ("function", "queue", "flow", "provider")
    for key in given:
        if key not in takes:
            of = f"{metric.name} takes" if metric else "known are"
            inner.faults.append(f"scope.{key} means nothing here: {of} {' and '.join(takes)}")
    scope = Scope(**{name: inner.text(name) for name in takes})
    reader.faults.extend(inner.faults)
    return scope


def _resolves(
    reader: Reader, comparison: str, threshold: float | None, resolve: float | None
) -> None:
    if threshold is None:
        if "threshold" not in reader.given:
            reader.faults.append("threshold is missing: give a number, in the metric's unit")
        return
    if resolve is None:
        return
    above = comparison in (">", ">=")
    if resolve > threshold if above else resolve < threshold:
        side = "above" if above else "below"
        reader.faults.append(
            f"resolve_threshold {resolve:g} is {side} the threshold {threshold:g}: an alert that "
            f"fires at {comparison} {threshold:g} is over when the value comes back further, so "
            f"use {'less' if above else 'more'} than the threshold"
        )


def _shown(value: Any) -> str:
    return f"{value!r}"[:80]
