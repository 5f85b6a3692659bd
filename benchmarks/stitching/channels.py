"""Messages, the channels they go through, and by what the two ends of a hop can be known.

A hop has a channel (a queue, topic, bus, stream) and a style: the one thing by which its two ends
can be known to belong together. Whatever the style does not name is lost on the way.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from benchmarks.stitching.labels import Context, Event


class Style(StrEnum):
    """What ties the two ends of a hop."""

    PARENT = "parent"  # traceparent, used as parent: one trace
    LINK = "link"  # traceparent, as a span link
    LINK_AND_ID = "link and id"  # a link that names the message, as Node's SQS link does
    MESSAGE_ID = "message id"
    LINK_UNKNOWN = "link to unknown span"  # the right trace, a span in it that nobody exports
    XRAY_LOG = "xray in log"  # the receiver links to X-Ray's segment; the sender's log names it
    XRAY_TRACE = "xray trace"  # both run in X-Ray's trace, below segments nobody exports
    CORRELATION = "correlation id"
    CORRELATION_LOG = "correlation id in logs"
    OWN_NAME = "own name"  # order_id at the sender, a correlation id at the receiver
    EXECUTION = "execution"
    OBJECT = "object key"
    CLOUDEVENT = "cloudevent"
    EVENT_ID = "event id in logs"
    CAUSATION = "causation"
    REQUEST_ID = "request id"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Channel:
    """Where messages go: a transport (sqs, sns, kafka, ...) and a name."""

    transport: str
    name: str

    @property
    def dead_letters(self) -> "Channel":
        """Its dead-letter queue, named as the platform names it."""
        if self.transport == "servicebus":
            return Channel(self.transport, f"{self.name}/$deadletterqueue")
        return Channel(self.transport, f"{self.name}-dlq")


@dataclass(slots=True, eq=False)
class Message:
    """One message on its way. ``xray``: what AWSTraceHeader holds. ``ties``: see Item.tie."""

    event: Event
    channel: Channel
    style: Style
    id: str
    context: Context
    sent_ns: int
    xray: Context | None = None
    partition: int = 0
    said: dict[str, str] = field(default_factory=dict)  # ids in the body: execution, object, event


# The styles that can occur on each transport.
STYLES: Final[dict[str, tuple[Style, ...]]] = {
    "sqs": (
        Style.PARENT,
        Style.LINK,
        Style.LINK_AND_ID,
        Style.LINK_UNKNOWN,
        Style.MESSAGE_ID,
        Style.XRAY_LOG,
        Style.XRAY_TRACE,
        Style.CORRELATION,
        Style.CORRELATION_LOG,
        Style.OWN_NAME,
        Style.NOTHING,
    ),
    "sns": (
        Style.LINK,
        Style.XRAY_LOG,
        Style.CORRELATION,
        Style.CORRELATION_LOG,
        Style.OWN_NAME,
        Style.NOTHING,
    ),
    "eventbridge": (
        Style.XRAY_TRACE,
        Style.CORRELATION,
        Style.CORRELATION_LOG,
        Style.EVENT_ID,
        Style.CLOUDEVENT,
        Style.CAUSATION,
        Style.NOTHING,
    ),
    "kinesis": (Style.MESSAGE_ID, Style.CORRELATION, Style.CORRELATION_LOG, Style.NOTHING),
    "kafka": (
        Style.PARENT,
        Style.LINK,
        Style.MESSAGE_ID,
        Style.CORRELATION,
        Style.CORRELATION_LOG,
        Style.NOTHING,
    ),
    "servicebus": (
        Style.PARENT,
        Style.LINK,
        Style.MESSAGE_ID,
        Style.CORRELATION,
        Style.CORRELATION_LOG,
        Style.NOTHING,
    ),
    "pubsub": (
        Style.PARENT,
        Style.LINK,
        Style.MESSAGE_ID,
        Style.CLOUDEVENT,
        Style.CORRELATION,
        Style.CORRELATION_LOG,
        Style.NOTHING,
    ),
    "rabbitmq": (Style.PARENT, Style.LINK, Style.MESSAGE_ID, Style.CORRELATION, Style.NOTHING),
}
