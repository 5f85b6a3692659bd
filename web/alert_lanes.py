"""When each alert was pending and when it fired, as bars over a range: the timeline of Alerts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from collector.alerts.standing import Standing
from collector.model.alert import FIRING, PENDING, RESOLVED, AlertChange
from collector.model.window import Window

MOST_LANES: Final = 20
_LEAST: Final = 0.4  # per cent: shorter ones are drawn so wide, to be seen
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Bar:
    """From ``left``, ``width`` wide, in per cent of the range; ``until_ns`` None: it goes on."""

    state: str
    left: float
    width: float
    since_ns: int
    until_ns: int | None


@dataclass(frozen=True, slots=True)
class Lane:
    """One alert over the range; ``fired``: how often it did."""

    rule_id: str
    rule_name: str
    metric: str
    group: str
    bars: Sequence[Bar]

    @property
    def fired(self) -> int:
        return sum(bar.state == FIRING for bar in self.bars)

    @property
    def end(self) -> float:
        return max(bar.left + bar.width for bar in self.bars)


def lanes(
    changes: Sequence[AlertChange], standing: Iterable[Standing], window: Window
) -> list[Lane]:
    """A lane for each alert that changed in the window or lasts through it, the latest first."""
    of: dict[Key, list[AlertChange]] = {}
    for each in sorted(changes, key=lambda each: each.since_ns):
        of.setdefault((each.rule_id, each.group), []).append(each)
    now = {(each.state.rule_id, each.state.group): each for each in standing}
    made = [_changed(own, now.get(key), window) for key, own in of.items()]
    made += [
        _lasting(each, window)
        for key, each in now.items()
        if key not in of
        and each.state.state in (FIRING, PENDING)
        and each.state.since_ns < window.until_ns
    ]
    found = [lane for lane in made if lane.bars]
    return sorted(found, key=lambda lane: (-lane.end, lane.rule_name, lane.group))


def _changed(changes: Sequence[AlertChange], now: Standing | None, window: Window) -> Lane:
    bars: list[Bar] = []
    if changes[0].state == RESOLVED:  # it fired when the window began
        bars.append(_bar(FIRING, window.since_ns, changes[0].since_ns, window))
    for place, change in enumerate(changes):
        if change.state == RESOLVED:
            continue
        after = changes[place + 1].since_ns if place + 1 < len(changes) else None
        if after is None and (now is None or now.state.state != change.state):
            # A pending alert that comes to nothing is not told of: how long it was is unknown.
            after = change.changed_ns
        bars.append(_bar(change.state, change.since_ns, after, window))
    last = changes[-1]
    return Lane(last.rule_id, last.rule_name, last.metric, last.group, bars)


def _lasting(standing: Standing, window: Window) -> Lane:
    rule, state = standing.rule, standing.state
    bar = _bar(state.state, state.since_ns, None, window)
    return Lane(rule.id, rule.name, rule.metric, state.group, [bar])


def _bar(state: str, since_ns: int, until_ns: int | None, window: Window) -> Bar:
    def place(time_ns: int) -> float:
        inside = min(max(time_ns, window.since_ns), window.until_ns)
        return 100 * (inside - window.since_ns) / window.length_ns

    left, right = place(since_ns), place(window.until_ns if until_ns is None else until_ns)
    width = max(_LEAST, right - left)
    return Bar(state, min(left, 100 - width), width, since_ns, until_ns)
