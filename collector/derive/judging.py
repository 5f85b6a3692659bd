"""The rules of stitching, as the settings say."""

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

from collector.derive.deciding import Judging
from collector.model.stitching.keys import Kind
from collector.model.stitching.rules import DAY_NS, HOUR_NS, RULES, Queues
from collector.settings import Settings

_MESSAGES: Final = (Kind.TRACE, Kind.SPAN, Kind.MESSAGE, Kind.INVOCATION, Kind.EVENT)
_VALUES: Final = (Kind.CORRELATION, Kind.BUSINESS, Kind.IDEMPOTENCY, Kind.OBJECT)


def judging(settings: Settings) -> Judging:
    """How far evidence reaches, what a hub is, and which queue is whose dead-letter queue."""
    said = settings.correlation
    messages = int(said.message_look_back_days * DAY_NS)
    values = int(said.look_back_hours * HOUR_NS)
    rules = replace(
        RULES,
        threshold=said.min_confidence,
        hub_bound=said.hub_fragments,
        look_back_ns={
            **RULES.look_back_ns,
            **dict.fromkeys(_MESSAGES, messages),
            **dict.fromkeys(_VALUES, values),
        },
        queues=Queues(
            {each.match: each.dlq_of for each in settings.queues if each.dlq_of is not None}
        ),
    )

    def max_receives(queue: str) -> int | None:
        matching = (each for each in settings.queues if fnmatchcase(queue, each.match))
        return next((each.max_receives for each in matching if each.max_receives), None)

    return Judging(rules, max_receives)
