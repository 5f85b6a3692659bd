"""The fields of the objective editor: texts as a person types them, and what they describe."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.datastructures import ImmutableMultiDict

from collector.alerts.documents import BadRule
from collector.alerts.objectives import Objective, read_objective
from collector.alerts.spans import span_text
from web.rule_form import amount, amount_text
from web.slo_words import about, promise

FIELDS: Final = (
    "kind", "of", "objective", "period", "latency_ms", "reach", "within", "min_count",
    "name", "owner", "targets", "note",
)  # fmt: skip
_WHOLE: Final = frozenset(FIELDS) - {"targets"}


def text_in(given: ImmutableMultiDict[str, Any], old: Objective | None) -> dict[str, str]:
    """The fields as typed; what is not given is as it was, or as a new one begins."""
    said = {name: str(given[name]) for name in _WHOLE if name in given}
    return (_text_of(old) if old else _FIRST) | said


_FIRST: Final = {
    "kind": "availability", "of": "", "objective": "99", "period": "30d", "latency_ms": "",
    "reach": "", "within": "", "min_count": "10", "name": "", "owner": "", "note": "",
}  # fmt: skip


def _text_of(old: Objective) -> dict[str, str]:
    return {
        "kind": old.kind,
        "of": old.scope.function or old.scope.flow or "",
        "objective": amount_text(old.objective, "ratio"),
        "period": span_text(old.period_ns),
        "latency_ms": "" if old.latency_ms is None else amount_text(old.latency_ms, "ms"),
        "reach": old.reach or "",
        "within": "" if old.within_ns is None else span_text(old.within_ns),
        "min_count": str(old.min_count),
        "name": old.name,
        "owner": old.owner or "",
        "note": old.note or "",
    }


def targets_in(given: ImmutableMultiDict[str, Any], old: Objective | None) -> tuple[str, ...]:
    """Which targets are ticked."""
    if "drawn" in given:  # a box that is not ticked is not sent
        return tuple(str(each) for each in given.getlist("targets"))
    return old.targets if old else ()


def enabled_in(given: ImmutableMultiDict[str, Any], old: Objective | None) -> bool:
    """Whether its rules watch it."""
    if "drawn" in given:
        return bool(given.get("enabled") == "yes")
    return old.enabled if old else True


def document_of(text: Mapping[str, str], targets: Sequence[str]) -> dict[str, Any]:
    """As objectives are stored; what another kind would mean is left out."""
    plain = {name: value.strip() for name, value in text.items()}
    kind, count = plain["kind"], plain["min_count"]
    scope = "flow" if kind == "outcome" else "function"
    document: dict[str, Any] = {
        "name": plain["name"],
        "kind": kind,
        "scope": {scope: plain["of"]} if plain["of"] else {},
        "objective": amount(plain["objective"], "ratio"),
        "period": plain["period"],
        "min_count": int(count) if count.isascii() and count.isdigit() else count or 0,
        "owner": plain["owner"],
        "targets": list(targets),
        "note": plain["note"],
    }
    if kind == "latency":
        document["latency_ms"] = amount(plain["latency_ms"], "ms") if plain["latency_ms"] else None
    if kind == "outcome":
        document |= {"reach": plain["reach"], "within": plain["within"] or None}
    return document | {"name": plain["name"] or _named(document)}


def _named(document: dict[str, Any]) -> str:
    """A name for one that was given none: what it promises."""
    try:
        made = read_objective(document | {"name": "slo"}, "")
    except BadRule:
        return ""
    return f"{about(made)}: {promise(made)}"[:200]


def faults(error: BadRule, text: Mapping[str, str]) -> dict[str, list[str]]:
    """What is wrong, by field; under "" what belongs to none."""
    found: dict[str, list[str]] = {}
    named = document_of(text, ())["name"]
    for line in str(error).splitlines():
        said = line.removeprefix(f"objective {named!r}: ").removeprefix("objective: ")
        word = said.split(" ", 1)[0].split(".")[0]
        field = {"scope": "of", "one": "name"}.get(word, word if word in FIELDS else "")
        if said.startswith("name is missing") and not text["name"].strip():
            continue
        told = said.removeprefix(f"{field} ").removeprefix("is ")
        found.setdefault(field, []).append(told[:1].upper() + told[1:])
    return found
