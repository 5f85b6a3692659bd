"""Every link to the pages of alerts: rules, objectives, targets, silences, scorecard, evidence.

As in ``web/urls.py``, a parameter that says nothing is left out.
"""

from glob import escape
from typing import Final
from urllib.parse import quote

from collector.alerts.objectives import BURN
from web.urls import Param, Range, address

TABS: Final = (
    ("alerts", "Alerts"),
    ("rules", "Rules"),
    ("slos", "SLOs"),
    ("scorecard", "Scorecard"),
    ("targets", "Targets"),
    ("silences", "Silences"),
)
"""The pages of the section, as its tabs have them."""


def tab(name: str, span: Range) -> str:
    """One of the pages of :data:`TABS`."""
    return address("/alerts" if name == "alerts" else f"/alerts/{name}", span.params())


def alerts(span: Range) -> str:
    """What fires, what may soon, and what did."""
    return tab("alerts", span)


def evidence(change_id: str) -> str:
    """What proves a change of an alert, as one file."""
    return f"/alerts/evidence/{quote(change_id)}"


def rules(span: Range, page: int = 1) -> str:
    """All rules."""
    return address("/alerts/rules", {"page": page if page > 1 else None}, span.params())


def new_rule(span: Range, **fields: Param) -> str:
    """The editor of a rule that is not saved yet; ``fields`` are already filled in."""
    return address("/alerts/rules/new", fields, span.params())


def rule_about(kind: str, name: str, span: Range, metric: str | None = None) -> str:
    """The editor of a rule on one function or queue."""
    known = metric or ("error_rate" if kind == "function" else "queue_age_s")
    return new_rule(span, metric=known, of=escape(name))


def rule(rule_id: str, span: Range | None = None) -> str:
    """The editor of a rule."""
    return address(f"/alerts/rules/{quote(rule_id)}", span.params() if span else {})


def watching(rule_id: str, metric: str, span: Range) -> str:
    """The editor of what an alert is of: a rule, or the objective that its rules watch over."""
    if metric == BURN.name:
        return slo(rule_id.rpartition("-")[0], span)
    return rule(rule_id, span)


def rule_act(rule_id: str, act: str) -> str:
    """Where a rule is switched (``switch``) or taken away (``delete``)."""
    return f"{rule(rule_id)}/{act}"


def rules_act(act: str) -> str:
    """``starter``, ``import`` or ``export``: what is done with many rules."""
    return f"/alerts/rules/{act}"


def slos(span: Range) -> str:
    """All objectives."""
    return tab("slos", span)


def new_slo(span: Range, **fields: Param) -> str:
    """The editor of an objective that is not saved yet; ``fields`` are already filled in."""
    return address("/alerts/slos/new", fields, span.params())


def slo(slo_id: str, span: Range | None = None) -> str:
    """The editor of an objective."""
    return address(f"/alerts/slos/{quote(slo_id)}", span.params() if span else {})


def slo_delete(slo_id: str) -> str:
    """Where an objective is taken away."""
    return f"{slo(slo_id)}/delete"


def targets(span: Range | None = None) -> str:
    """Where alerts go, and what was sent."""
    return address("/alerts/targets", span.params() if span else {})


def target(name: str, span: Range | None = None) -> str:
    """The editor of a target."""
    return address(f"/alerts/targets/{quote(name, safe='')}", span.params() if span else {})


def saved_target(name: str) -> str:
    """The targets once one was saved."""
    return address("/alerts/targets", {"saved": name})


def target_act(name: str, act: str) -> str:
    """Where a target is tried (``test``) or taken away (``delete``)."""
    return f"{target(name)}/{act}"


def silences(span: Range | None = None, *, ended: bool = False) -> str:
    """What is kept quiet; ``ended``: what was, too."""
    return address("/alerts/silences", {"all": 1 if ended else None}, span.params() if span else {})


def silence_end(silence_id: str) -> str:
    """Where a silence is ended."""
    return f"/alerts/silences/{quote(silence_id)}/end"


def scorecard(span: Range, of: str = "functions", page: int = 1) -> str:
    """The gates of functions, or of flows."""
    asked = {"of": of if of != "functions" else None, "page": page if page > 1 else None}
    return address("/alerts/scorecard", asked, span.params())
