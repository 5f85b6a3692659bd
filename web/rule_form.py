"""The fields of the rule editor: texts as a person types them, and the rule they describe.

A form that was drawn for another metric gives up what only that one could mean: threshold, window
and the like are then as the new metric suggests.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Self

from starlette.datastructures import ImmutableMultiDict

from collector.alerts.documents import BadRule
from collector.alerts.metric import MILLISECONDS, RATIO, SECONDS, USD, Metric
from collector.alerts.metrics import METRICS
from collector.alerts.reading import read_rule
from collector.alerts.rules import Rule
from collector.alerts.spans import span_of, span_text
from web.rule_words import title_of

FIRST_METRIC: Final = "error_rate"
FIELDS: Final = (
    "metric", "of", "provider", "comparison", "threshold", "window", "for", "resolve_threshold",
    "keep_firing_for", "min_count", "no_data", "name", "severity", "owner", "targets", "note",
)  # fmt: skip
"""What the editor asks, in its order."""

_KEPT: Final = ("name", "severity", "owner", "note", "enabled")
UNITS: Final[Mapping[str, str]] = {
    RATIO: "%", MILLISECONDS: "ms", SECONDS: "", USD: "$", "count": "", "times": "times",
}  # fmt: skip
"""What stands beside a threshold, by the unit of its metric; lengths of time say theirs."""


@dataclass(frozen=True, slots=True)
class RuleForm:
    """``text``: by field, as typed; ``metric``: what it is about, the first one where unknown."""

    text: Mapping[str, str]
    targets: tuple[str, ...]
    metric: Metric

    @classmethod
    def read(cls, given: ImmutableMultiDict[str, Any], base: Self | None = None) -> Self:
        """What a query or a posted form holds; what it leaves out is as in ``base``."""
        name = given.get("metric") or (base.text["metric"] if base else FIRST_METRIC)
        metric = METRICS.get(name) or METRICS[FIRST_METRIC]
        said = {key: str(given[key]) for key in (*FIELDS, "enabled") if key in given}
        known = dict(base.text) if base else {}
        if (drawn := METRICS.get(given.get("was", ""))) and drawn != metric:
            same = ("of", "provider") if drawn.kind == metric.kind else ()
            kept = (*_KEPT, *same)
            said = {key: value for key, value in said.items() if key in kept}
            known = {key: value for key, value in known.items() if key in kept}
        if "was" in given:  # a box that is not ticked is not sent
            targets = tuple(str(each) for each in given.getlist("targets"))
        else:
            targets = base.targets if base else ()
        return cls(suggested(metric) | known | said | {"metric": name}, targets, metric)

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """A rule as the editor shows it."""
        metric = METRICS[rule.metric]
        scope = rule.scope
        return cls(
            {
                "name": rule.name,
                "metric": rule.metric,
                "of": {"function": scope.function, "queue": scope.queue, "flow": scope.flow}[
                    metric.kind
                ]
                or "",
                "provider": scope.provider or "",
                "comparison": rule.comparison,
                "threshold": amount_text(rule.threshold, metric.unit),
                "window": span_text(rule.window_ns),
                "for": span_text(rule.for_ns),
                "severity": rule.severity,
                "owner": rule.owner or "",
                "note": rule.note or "",
                "no_data": rule.no_data,
                "resolve_threshold": ""
                if rule.resolve_threshold is None
                else amount_text(rule.resolve_threshold, metric.unit),
                "keep_firing_for": span_text(rule.keep_firing_for_ns),
                "min_count": str(rule.min_count),
                "enabled": "yes" if rule.enabled else "no",
            },
            rule.targets,
            metric,
        )

    def document(self) -> dict[str, Any]:
        """As the rules of the store are written; what cannot be read stays as it was typed."""
        text = {key: value.strip() for key, value in self.text.items()}
        scope = {self.metric.kind: text["of"], "provider": text["provider"]}
        if self.metric.kind == "flow":
            del scope["provider"]
        document = {
            "name": text["name"],
            "metric": text["metric"],
            "scope": {key: value for key, value in scope.items() if value},
            "comparison": text["comparison"],
            "threshold": amount(text["threshold"], self.metric.unit),
            "window": text["window"],
            "for": text["for"] or "0s",
            "severity": text["severity"],
            "owner": text["owner"],
            "targets": list(self.targets),
            "note": text["note"],
            "no_data": text["no_data"],
            "resolve_threshold": None
            if not text["resolve_threshold"]
            else amount(text["resolve_threshold"], self.metric.unit),
            "keep_firing_for": text["keep_firing_for"] or "0s",
            "min_count": _whole(text["min_count"]),
            "enabled": text["enabled"] != "no",
        }
        return document | {"name": text["name"] or _named(document)}

    def rule(self, rule_id: str) -> Rule:
        """The rule it describes.

        Raises:
            BadRule: one line for everything that is wrong; :func:`faults` puts each to its field.
        """
        return read_rule(self.document(), rule_id)


def suggested(metric: Metric) -> dict[str, str]:
    """Every field as a metric suggests it."""
    return {
        "metric": metric.name,
        # What is paid is paid for all together; all else is about one function, queue or flow.
        "of": "" if metric.unit == USD else "*",
        "provider": "",
        "comparison": metric.comparison,
        "threshold": amount_text(metric.threshold, metric.unit),
        "window": metric.window,
        "for": metric.for_,
        "resolve_threshold": "",
        "keep_firing_for": "0s",
        "min_count": "0",
        "no_data": metric.no_data,
        "name": "",
        "severity": "warning",
        "owner": "",
        "note": "",
        "enabled": "yes",
    }


def faults(error: BadRule, form: RuleForm) -> dict[str, list[str]]:
    """What is wrong, by field; under "" what belongs to none."""
    named = form.document()["name"]
    found: dict[str, list[str]] = {}
    for line in str(error).splitlines():
        said = line.removeprefix(f"rule {named!r}: ").removeprefix("rule: ")
        field = _field(said)
        if field == "resolve_threshold" and " the threshold " in said:
            more = "less" if form.text["comparison"] in (">", ">=") else "more"
            said = f"an alert is over when the value comes back further: use {more} than above"
        if said.startswith("name is missing"):
            continue  # it is named by what it says, once that can be read
        told = said.removeprefix(f"{field} ").removeprefix(f"{form.metric.kind} ")
        told = told.removeprefix("is ")
        found.setdefault(field, []).append(told[:1].upper() + told[1:])
    return found


def _field(said: str) -> str:
    word = re.split(r"[ .:]", said, maxsplit=1)[0]
    if word in ("scope", "function", "queue", "flow"):
        return "of"
    if said.startswith("a rule of that name"):
        return "name"
    return word if word in FIELDS else ""


def amount(text: str, unit: str) -> float | str:
    """A threshold as typed, in the unit of its metric; the text itself where it is no number.

    Per cent are shares, and lengths of time may have their units: ``5 %``, ``15m``, ``250ms``.
    """
    plain = text.strip().removeprefix("$").removesuffix("%").strip()
    scale = {RATIO: Decimal("0.01")}.get(unit, Decimal(1))
    if unit in (SECONDS, MILLISECONDS):
        if plain.endswith("ms"):
            plain, scale = plain[:-2].strip(), Decimal("0.001" if unit == SECONDS else "1")
        elif (length_ns := span_of(plain.replace(" ", ""))) is not None:
            return length_ns / (1e9 if unit == SECONDS else 1e6)
        elif plain.endswith("s"):
            plain, scale = plain[:-1].strip(), Decimal("1" if unit == SECONDS else "1000")
    try:
        return float(Decimal(plain) * scale)
    except ArithmeticError:  # no number, or one beyond all bounds
        return text


def amount_text(value: float, unit: str) -> str:
    """A threshold as the editor shows it: 0.05 as ``5`` where the unit is per cent, 900 s as
    ``15m``."""
    if unit == SECONDS and value >= 0 and value == int(value):
        return span_text(int(value) * 10**9)
    shown = Decimal(repr(value)) * (100 if unit == RATIO else 1)
    text = f"{shown:f}"
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{plain}s" if unit == SECONDS else plain


def _whole(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text or 0


def _named(document: dict[str, Any]) -> str:
    """A name for a rule that was given none: what it says."""
    try:
        return title_of(read_rule(document | {"name": "rule", "owner": "nobody"}, ""))
    except BadRule:
        return ""
