"""What queues, buses and topics charge for the messages that were seen on them.

A message is taken to fit into one unit of 64 KB. Polls that found nothing are billed too, and are
seen by no telemetry of functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from collector.model.cost import ZERO, Assumption
from collector.model.costs.book import Price, PriceBook
from collector.settings import QueueSettings


class FeeKind(StrEnum):
    """What a destination is, as far as it charges."""

    SQS = "sqs"
    SQS_FIFO = "sqs_fifo"
    SNS = "sns"
    EVENTBRIDGE = "eventbridge"
    CLOUDFLARE_QUEUES = "cloudflare_queues"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages seen at a destination. ``batch_count``: handlings, a batch of n being one of n."""

    sent_count: Decimal = ZERO
    taken_count: Decimal = ZERO
    batch_count: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Destination:
    """A queue, topic or bus and what telemetry says runs it."""

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

    def usd(self, messages: Messages) -> Decimal:
        return (
            messages.sent_count * self.usd_per_sent
            + messages.taken_count * self.usd_per_taken
            + messages.batch_count * self.usd_per_batch
        )


# provider, product, item; then operations per message sent, per message taken, per batch taken:
# a poller receives and deletes a batch by one request each; Cloudflare counts each message.
_CHARGES: Final = {
    FeeKind.SQS: ("aws", "sqs", "requests", 1, 0, 2),
    FeeKind.SQS_FIFO: ("aws", "sqs", "fifo_requests", 1, 0, 2),
    FeeKind.SNS: ("aws", "sns", "publishes", 1, 0, 0),
    FeeKind.EVENTBRIDGE: ("aws", "eventbridge", "events", 1, 0, 0),
    FeeKind.CLOUDFLARE_QUEUES: ("cloudflare", "queues", "operations", 1, 2, 0),
}

_SMALL: Final = Assumption(
    "message_size", "each message is taken to be sent alone, and of 64 KB at most"
)
_EMPTY: Final = Assumption("empty_receives", "polls that find nothing are not counted")


def kind_of(place: Destination, rules: Sequence[QueueSettings]) -> FeeKind | None:
    """What charges for it; None: nothing tells, or the book has no price of its kind."""
    for rule in rules:
        if rule.kind is not None and fnmatchcase(place.name, rule.match):
            return FeeKind(rule.kind)
    system = (place.system or "").replace(".", "_").replace("-", "_").lower()
    name = place.name.lower()
    if "sqs" in system or ":sqs:" in name or "//sqs." in name:
        return FeeKind.SQS_FIFO if name.endswith(".fifo") else FeeKind.SQS
    if "sns" in system or ":sns:" in name:
        return FeeKind.SNS
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
    said = [_SMALL]
    if product == "sqs":
        said.append(_EMPTY)
    if not found.price.verified:
        said.append(
            Assumption("price_unverified", f"the price of {found.price.name} is not verified")
        )
    if not found.is_for_region:
        text = f"region {place.region} has no price of {found.price.name}: that of most is taken"
        said.append(Assumption("region_not_in_book", text))
    return FeeRate(sent * usd, taken * usd, batch * usd, tuple(said), found.price)
