"""What queues, buses, topics and state machines charge for what was seen of them.

Messages are billed in units of 64 KB; one whose size is not told is taken to fit into one. Polls
that found nothing are billed too, and are seen by no telemetry of functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from collector.model.cost import ZERO, Assumption, Cost, Split
from collector.model.costs.book import Price, PriceBook
from collector.settings import QueueSettings


class FeeKind(StrEnum):
    """What a destination is, as far as it charges."""

    SQS = "sqs"
    SQS_FIFO = "sqs_fifo"
    SNS = "sns"
    SNS_FIFO = "sns_fifo"
    EVENTBRIDGE = "eventbridge"
    CLOUDFLARE_QUEUES = "cloudflare_queues"
    STEP_FUNCTIONS = "step_functions"
    STEP_FUNCTIONS_EXPRESS = "step_functions_express"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Messages:
    """What a destination charges for, in units of 64 KB of its messages.

    ``batch_count``: halves of the requests that took them, a receive and a delete being one. Of a
    state machine ``sent_count`` are transitions, ``taken_count`` Express executions and
    ``batch_count`` their GB-s. ``unsized_count``: those whose size, or memory, is not told;
    ``untold_count``: executions of which not all is.
    """

    sent_count: Decimal = ZERO
    taken_count: Decimal = ZERO
    batch_count: Decimal = ZERO
    unsized_count: int = 0
    untold_count: int = 0


@dataclass(frozen=True, slots=True)
class Destination:
    """A queue, topic, bus or state machine and what telemetry says runs it."""

    name: str
    system: str | None = None
    region: str | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class FeeRate:
    """Dollars for one that is sent, one that is taken, one batch that is taken."""

    usd_per_sent: Decimal = ZERO
    usd_per_taken: Decimal = ZERO
    usd_per_batch: Decimal = ZERO
    assumptions: tuple[Assumption, ...] = ()
    price: Price | None = None
    kind: FeeKind | None = None

    def usd(self, messages: Messages) -> Decimal:
        return (
            messages.sent_count * self.usd_per_sent
            + messages.taken_count * self.usd_per_taken
            + messages.batch_count * self.usd_per_batch
        )

    def cost(self, messages: Messages) -> Cost:
        """What they cost, and what that takes for granted."""
        said = set(self.assumptions)
        if messages.unsized_count and self.price is not None:
            express = self.kind is FeeKind.STEP_FUNCTIONS_EXPRESS
            said.add(_EXPRESS_MEMORY if express else _SMALL)
        if messages.untold_count and self.kind is FeeKind.STEP_FUNCTIONS:
            said.add(_TRANSITIONS)
        if messages.untold_count and self.kind is FeeKind.STEP_FUNCTIONS_EXPRESS:
            said.add(_EXPRESS_TIME)
        return Cost.of(Split(fee_usd=self.usd(messages)), said)


# provider, product, item; then operations per message sent, per message taken, per batch taken:
# a poller receives and deletes a batch by one request each; Cloudflare counts each message.
_CHARGES: Final = {
    FeeKind.SQS: ("aws", "sqs", "requests", 1, 0, 2),
    FeeKind.SQS_FIFO: ("aws", "sqs", "fifo_requests", 1, 0, 2),
    FeeKind.SNS: ("aws", "sns", "publishes", 1, 0, 0),
    FeeKind.SNS_FIFO: ("aws", "sns", "fifo_publishes", 1, 0, 0),
    FeeKind.EVENTBRIDGE: ("aws", "eventbridge", "events", 1, 0, 0),
    FeeKind.CLOUDFLARE_QUEUES: ("cloudflare", "queues", "operations", 1, 2, 0),
    FeeKind.STEP_FUNCTIONS: ("aws", "stepfunctions", "transitions", 1, 0, 0),
    FeeKind.STEP_FUNCTIONS_EXPRESS: ("aws", "stepfunctions", "express_requests", 0, 1, 0),
}
WORKFLOWS: Final = (FeeKind.STEP_FUNCTIONS, FeeKind.STEP_FUNCTIONS_EXPRESS)

_ALONE: Final = Assumption("sent_alone", "each message is taken to be sent by a request of its own")
_SMALL: Final = Assumption(
    "message_size", "messages whose size is not told are taken to be of 64 KB at most"
)
_TRANSITIONS: Final = Assumption(
    "transitions_unknown",
    "executions of which the log tells no transitions count one for each invocation in them: send "
    "the state machine's log at level ALL",
)
_EXPRESS_TIME: Final = Assumption(
    "express_time_unknown", "Express executions whose end is not told count their least time"
)
_EXPRESS_MEMORY: Final = Assumption(
    "express_memory", "Express executions are taken to use 64 MB, the least that is billed"
)
FREE_FEES: Final = Assumption(
    "free_fees", "free amounts of queues, topics and workflows are not taken off"
)
_NO_PAYLOAD: Final = Assumption(
    "fifo_payload", "the bytes FIFO topics deliver, which are billed too, are not counted"
)
_EMPTY: Final = Assumption("empty_receives", "polls that find nothing are not counted")


def kind_of(place: Destination, rules: Sequence[QueueSettings]) -> FeeKind | None:
    """What charges for it; None: nothing tells, or the book has no price of its kind."""
    for rule in rules:
        if rule.kind is not None and fnmatchcase(place.name, rule.match):
            return FeeKind(rule.kind)
    system = (place.system or "").replace(".", "_").replace("-", "_").lower()
    name = place.name.lower()
    if "stepfunctions" in system or ":states:" in name:
        express = "express" in system
        return FeeKind.STEP_FUNCTIONS_EXPRESS if express else FeeKind.STEP_FUNCTIONS
    if "sqs" in system or ":sqs:" in name or "//sqs." in name:
        return FeeKind.SQS_FIFO if name.endswith(".fifo") else FeeKind.SQS
    if "sns" in system or ":sns:" in name:
        return FeeKind.SNS_FIFO if name.endswith(".fifo") else FeeKind.SNS
    if "eventbridge" in system or ":event-bus/" in name:
        return FeeKind.EVENTBRIDGE
    if "cloudflare" in system:
        return FeeKind.CLOUDFLARE_QUEUES
    return None


def fee_rate(
    book: PriceBook, place: Destination, rules: Sequence[QueueSettings], day: date
) -> FeeRate:
    """What its messages cost on a day; nothing, which is said, where it is not known."""
    kind = kind_of(place, rules)
    if kind is FeeKind.FREE:
        return FeeRate()
    if kind is None:
        what = place.system or "a kind that is not told"
        return FeeRate(
            assumptions=(
                Assumption("unknown_fee", f"no price is known of {place.name}, which is {what}"),
            )
        )
    provider, product, item, sent, taken, batch = _CHARGES[kind]
    found = book.find(provider, product, item, day, region=place.region)
    if found is None:
        missing = f"the book has no price of {provider} {product} {item} on {day}: it is not in it"
        return FeeRate(assumptions=(Assumption("price_missing", missing),))
    usd = found.price.tiers[0][1]
    said = _said(kind)
    per_batch = batch * usd
    if kind is FeeKind.STEP_FUNCTIONS_EXPRESS:
        time = book.find(provider, product, "express_duration", day, region=place.region)
        per_batch = time.price.tiers[0][1] if time else ZERO
    if not found.price.verified:
        said.append(
            Assumption("price_unverified", f"the price of {found.price.name} is not verified")
        )
    if not found.is_for_region:
        text = f"region {place.region} has no price of {found.price.name}: that of most is taken"
        said.append(Assumption("region_not_in_book", text))
    return FeeRate(sent * usd, taken * usd, per_batch, tuple(said), found.price, kind)


def _said(kind: FeeKind) -> list[Assumption]:
    """What a fee of its kind takes for granted whatever is told."""
    if kind in WORKFLOWS:
        return []
    if kind in (FeeKind.SQS, FeeKind.SQS_FIFO):
        return [_ALONE, _EMPTY]
    return [_ALONE, _NO_PAYLOAD] if kind is FeeKind.SNS_FIFO else [_ALONE]
