"""Which names hold correlation keys: exact ones, ones by their last words, and ids of any thing.

A name is an attribute, a path into a JSON log body (members joined by dots), or a captured HTTP
header. ``order_id``, ``orderId`` and ``order.id`` are the same words, so one family.
Sources: semantic-conventions 1.44.0, CloudEvents and its correlation extension, AWS Powertools,
the message attributes of SQS, SNS, Service Bus, Event Hubs and Pub/Sub, and what SDKs send.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_letters
from typing import Final
from zlib import crc32

from collector.decode import key_values as values
from collector.decode import semconv
from collector.decode.key_parts import PART_NAMES
from collector.decode.meanings import first_element
from collector.model.stitching.keys import COMMON_FAMILY, Letter

# Type letters of values (collector.columns) that a rule takes.
_ID_LETTERS: Final = "si"
_NUMBER_LETTERS: Final = "sid"
_ARRAY_LETTERS: Final = "sia"
_COLUMN_LETTERS: Final = "sbida"  # those the correlation_id column is filled from

_LONGEST_NAME: Final = 256
_REMEMBERED: Final = 16_384


@dataclass(frozen=True, slots=True)
class Rule:
    """What a value under a name becomes.

    ``prefix`` is the letter and, for those that have one, the family; ``is_id``: a usual id is
    taken as it is, so that only unusual ones have to be read one by one.
    """

    letter: Letter
    read: Callable[[str], str | None]
    letters: str = _ID_LETTERS
    family: str = ""
    is_id: bool = True

    @property
    def prefix(self) -> str:
        return self.letter + self.family

    def text(self, value: str) -> str | None:
        """The key of a value as sent, None when it holds none."""
        found = self.read(first_element(value) if "a" in self.letters else value)
        return None if found is None else self.prefix + found


def _not_an_id(letter: Letter, read: Callable[[str], str | None]) -> Rule:
    return Rule(letter, read, _NUMBER_LETTERS, is_id=False)


_CORRELATION: Final = Rule(
    Letter.CORRELATION, values.correlation, _COLUMN_LETTERS, family=COMMON_FAMILY
)
_MESSAGE: Final = Rule(Letter.MESSAGE, values.loose_id)
_EXECUTION: Final = Rule(Letter.EXECUTION, values.id_text)
_EVENT: Final = Rule(Letter.EVENT, values.loose_id)
_CAUSATION: Final = Rule(Letter.CAUSATION, values.id_text)
_IDEMPOTENCY: Final = Rule(Letter.IDEMPOTENCY, values.id_text)
_TRACE: Final = Rule(Letter.TRACE, values.trace, is_id=False)
_TENANT: Final = Rule(Letter.TENANT, values.tenant, is_id=False)
_BATCH: Final = _not_an_id(Letter.BATCH, values.count)
_ATTEMPT: Final = _not_an_id(Letter.ATTEMPT, values.count)
_ENQUEUED: Final = _not_an_id(Letter.ENQUEUED, values.moment)
_DEAD_LETTER_OF: Final = _not_an_id(Letter.DEAD_LETTER_OF, values.queue)
_DEAD_LETTER: Final = _not_an_id(Letter.DEAD_LETTER_OF, values.dead_letter)

# Names that say it whatever words they end in; asked before all others but the user's.
_EXACT: Final[dict[str, Rule]] = {
    **dict.fromkeys(semconv.MESSAGE, Rule(Letter.MESSAGE, values.id_text)),
    **dict.fromkeys(semconv.CORRELATION, _CORRELATION),
    "durabletask.task.instance_id": _EXECUTION,
    "prop__instanceId": _EXECUTION,  # Azure Durable Functions in Application Insights
    "workflows.googleapis.com/execution_id": _EXECUTION,
    "gcp.cloud_run.job.execution": _EXECUTION,
    "cloudflare.workflow.instance_id": _EXECUTION,
    "cloudflare.workflows.instance.id": _EXECUTION,
    "messaging.batch.message_count": _BATCH,
    "messaging.servicebus.disposition_status": _DEAD_LETTER,
    "operation_Id": _TRACE,  # Application Insights
    "logging.googleapis.com/trace": _TRACE,
    "_X_AMZN_TRACE_ID": _TRACE,
    "x-amzn-trace-id": _TRACE,
    "x-cloud-trace-context": _TRACE,
    "Diagnostic-Id": _TRACE,  # Service Bus
    "b3": _TRACE,
}

# The last words of a name, joined; the longest that fits counts.
_ENDINGS: Final[dict[str, Rule]] = {
    "correlationid": _CORRELATION,
    "messageid": _MESSAGE,
    "snsmessageid": _MESSAGE,
    "sqsmessageid": _MESSAGE,
    "executionarn": _EXECUTION,
    "executionid": Rule(Letter.EXECUTION, values.resource_name, is_id=False),
    "workflowexecutionid": _EXECUTION,
    "workflowinstanceid": _EXECUTION,
    "workflowrunid": _EXECUTION,
    "orchestrationinstanceid": _EXECUTION,
    "eventid": _EVENT,
    "causationid": _CAUSATION,
    "idempotencykey": _IDEMPOTENCY,
    "idempotencyid": _IDEMPOTENCY,
    "idempotencytoken": _IDEMPOTENCY,
    "messagededuplicationid": _IDEMPOTENCY,
    "traceid": _TRACE,
    "traceparent": _TRACE,
    "awstraceheader": _TRACE,
    "tenant": _TENANT,
    "tenantid": _TENANT,
    "approximatereceivecount": _ATTEMPT,
    "messagedeliverycount": _ATTEMPT,
    "deliverycount": _ATTEMPT,
    "deliveryattempt": _ATTEMPT,
    "receivecount": _ATTEMPT,
    "enqueuedtime": _ENQUEUED,
    "enqueuedtimeutc": _ENQUEUED,
    "senttimestamp": _ENQUEUED,
    "approximatearrivaltimestamp": _ENQUEUED,
    "deadletterqueuesourcearn": _DEAD_LETTER_OF,
    "deadlettersource": _DEAD_LETTER_OF,  # Service Bus
    "deadlettersourcesubscription": _DEAD_LETTER_OF,  # Pub/Sub
    "firstdeathqueue": _DEAD_LETTER_OF,  # RabbitMQ
}
_MOST_WORDS: Final = 5

_HEADER: Final = "http.request.header."


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Things whose ids name no business event: parties, places, wares, and parts of the machinery.
_NO_EVENT: Final = _set(
    "sensor user users customer client account session tenant device visitor member person contact"
    " enduser organization organisation org team project company merchant vendor supplier seller"
    " employee staff driver courier agent operator author owner creator department branch"
    " store shop host warehouse location site hub gateway product sku item variant category asset"
    " catalog catalogue price plan coupon tariff previous"
    " container pod node process thread task worker instance machine vm image cluster region zone"
    " subscription resource application app service function deployment build release version"
    " schema group consumer producer partition shard stream queue topic channel connection socket"
    " span trace parent request req invocation operation activity step attempt call query statement"
    " lock lease page row column field chunk part segment entry log logger rule policy role"
    " principal key secret token credential cert certificate template tag label type status state"
    " code error experiment flag feature variation model prompt response completion ack"
    " installation browser window tab view screen country currency locale language extended"
)
# A first segment that says the rest is about the platform, not about the business.
_PLATFORM: Final = _set(
    "aws cloud azure az gcp google cloudflare k8s kubernetes docker ecs container host os process"
    " service faas telemetry otel dd datadog messaging db rpc net network http url server client"
    " code exception error thread enduser browser peer graphql gen_ai openai llm openinference"
    " feature_flag tls cicd vcs oci heroku nodejs jvm system hw log deployment apm transaction"
    " sentry newrelic elastic"
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", re.ASCII)


def family(name: str) -> str:
    """Two letters for the entity a name is about; those of the usual correlation names are cc."""
    return _family_of(_entity(name))


def _family_of(entity: str) -> str:
    if entity in {"correlationid", "xcorrelationid", "conversationid"}:
        return COMMON_FAMILY
    number = crc32(entity.encode(errors="replace")) % (len(ascii_letters) ** 2 - 1)
    letters = ascii_letters[number // len(ascii_letters)] + ascii_letters[number % 52]
    return "ZZ" if letters == COMMON_FAMILY else letters


@lru_cache(_REMEMBERED)
def _words(name: str) -> tuple[str, ...]:
    """``app.orderID`` -> app, order, id."""
    return tuple(word.lower() for word in _WORD.findall(name))


def _entity(name: str) -> str:
    """The words of the last segment, joined; of the last two when the last is a single word."""
    segments = name.split(".")
    words = _words(segments[-1])
    if len(words) < 2 and len(segments) > 1:
        words = _words(segments[-2]) + words
    return "".join(words) or name


class Names:
    """The rules of names, with the user's own correlation names first."""

    def __init__(self, configured: tuple[str, ...]) -> None:
        self.configured = configured
        self._own = {
            name: Rule(Letter.CORRELATION, values.correlation, _COLUMN_LETTERS, family=family(name))
            for name in reversed(configured)
        }
        self._own_entities = {
            _entity(name): rule for name, rule in self._own.items() if len(_words(name)) > 1
        }
        self._remembered: dict[str, Rule | None] = {}

    def rule(self, name: str) -> Rule | None:
        """What a value under this name becomes; None when the name says nothing of a key."""
        try:
            return self._remembered[name]
        except KeyError:
            found = None if len(name) > _LONGEST_NAME else self._rule(name)
            # Names are few but for senders that put ids into them.
            if len(self._remembered) < _REMEMBERED:
                self._remembered[name] = found
            return found

    def _rule(self, name: str) -> Rule | None:
        if name in self._own:
            return self._own[name]
        if name in PART_NAMES:
            return None
        if name in _EXACT:
            return _EXACT[name]
        if name.startswith("http."):
            return self._header_rule(name)
        return self._by_words(name)

    def _header_rule(self, name: str) -> Rule | None:
        """Rule of a captured request header: its value is an array."""
        if not name.startswith(_HEADER):
            return None
        header = name.removeprefix(_HEADER).replace("_", "-")
        rule = self._own.get(header) or _EXACT.get(header)
        rule = rule or self._by_words(header.removeprefix("x-"))
        if rule is None:
            return None
        letters = rule.letters if "a" in rule.letters else _ARRAY_LETTERS
        return Rule(rule.letter, rule.read, letters, rule.family, is_id=rule.is_id)

    def _by_words(self, name: str) -> Rule | None:
        words = _words(name)
        for count in range(min(_MOST_WORDS, len(words)), 0, -1):
            if found := _ENDINGS.get("".join(words[-count:])):
                return found
        if len(words) < 2 or words[-1] != "id":
            return None
        own = self._own_entities.get(_entity(name))
        return own or _business_rule(name, words)


def _business_rule(name: str, words: tuple[str, ...]) -> Rule | None:
    """Rule of the id of anything that may be a business event: ``order.id``, ``invoiceId``."""
    segment, _, rest = name.partition(".")
    if words[-2] in _NO_EVENT or (rest and segment.lower() in _PLATFORM):
        return None
    return Rule(Letter.BUSINESS, values.loose_id, family=family(name))


@lru_cache(64)
def names_of(configured: tuple[str, ...]) -> Names:
    """The one Names of these configured names."""
    return Names(configured)
