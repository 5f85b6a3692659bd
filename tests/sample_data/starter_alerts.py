"""Which rules of the starter set would have fired on what a collector holds."""

from collector.alerts.preview import preview
from collector.alerts.reading import read_rule
from collector.alerts.sources import Answers
from collector.alerts.starter import starter_set
from collector.model.alert import FIRING
from collector.model.window import Window
from tests.web.serving import Web

MINUTE_NS = 60 * 10**9


def starter_alerts(web: Web, until_ns: int, *, minutes: int, steps: int) -> dict[str, set[str]]:
    """By name of the rule: the groups it fires on in so many minutes before a time."""
    answers = Answers(web.service.database.read, web.service.alerts.facts)
    window = Window(until_ns - minutes * MINUTE_NS, until_ns)
    fired = {}
    for document in starter_set("team"):
        rule = read_rule(document, "starter")
        found = preview(answers, rule, window, steps=steps).episodes
        groups = {each.group for each in found if each.state == FIRING}
        if groups:
            fired[rule.name.removeprefix("Starter: ")] = groups
    return fired
