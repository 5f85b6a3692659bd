"""Which names hold correlation keys: a rule per name, or per last words of a name.

Sources: semantic-conventions 1.44.0, CloudEvents and its correlation extension, AWS Powertools,
the message attributes of SQS, SNS, Service Bus, Event Hubs and Pub/Sub, and what SDKs send.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from collector.decode import key_values as values
from collector.decode import semconv
from collector.decode.meanings import first_element
from collector.model.stitching.keys import COMMON_FAMILY, REQUEST_FAMILY, Letter

# Type letters of values (collector.columns) that a rule takes.
_ID_LETTERS: Final = "si"
_NUMBER_LETTERS: Final = "sid"
ARRAY_LETTERS: Final = "sia"
COLUMN_LETTERS: Final = "sbida"  # those the correlation_id column is filled from
LETTERS: Final = (_ID_LETTERS, _NUMBER_LETTERS, ARRAY_LETTERS, COLUMN_LETTERS)


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
    Letter.CORRELATION, values.correlation, COLUMN_LETTERS, family=COMMON_FAMILY
)
_MESSAGE: Final = Rule(Letter.MESSAGE, values.loose_id)
_EXECUTION: Final = Rule(Letter.EXECUTION, values.id_text)
_EVENT: Final = Rule(Letter.EVENT, values.loose_id)
_CAUSATION: Final = Rule(Letter.CAUSATION, values.id_text)
_IDEMPOTENCY: Final = Rule(Letter.IDEMPOTENCY, values.id_text)
_TRACE: Final = Rule(Letter.TRACE, values.trace, is_id=False)
_TENANT: Final = Rule(Letter.TENANT, values.tenant, is_id=False)
_REQUEST: Final = Rule(Letter.CORRELATION, values.loose_id, COLUMN_LETTERS, family=REQUEST_FAMILY)
_CALL: Final = Rule(Letter.CAUSATION, values.id_text, ARRAY_LETTERS)
_BATCH: Final = _not_an_id(Letter.BATCH, values.count)
_ATTEMPT: Final = _not_an_id(Letter.ATTEMPT, values.count)
_ENQUEUED: Final = _not_an_id(Letter.ENQUEUED, values.moment)
_DEAD_LETTER_OF: Final = _not_an_id(Letter.DEAD_LETTER_OF, values.queue)
_DEAD_LETTER: Final = _not_an_id(Letter.DEAD_LETTER_OF, values.dead_letter)

# Names that say it whatever words they end in; asked before all others but the user's.
EXACT: Final[dict[str, Rule]] = {
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
    "x-request-id": _REQUEST,
    "x-call-id": _CALL,  # OpenFaaS: an asynchronous call, to its caller and to the function
    "http.response.header.x-call-id": _CALL,
    "baggage": Rule(
        Letter.CORRELATION, values.baggage, ARRAY_LETTERS, family=COMMON_FAMILY, is_id=False
    ),
}

# The last words of a name, joined; the longest that fits counts.
ENDINGS: Final[dict[str, Rule]] = {
    "correlationid": _CORRELATION,
    "messageid": _MESSAGE,
    "snsmessageid": _MESSAGE,
    "sqsmessageid": _MESSAGE,
    "executionarn": _EXECUTION,
    "executionid": Rule(Letter.EXECUTION, values.resource_name, is_id=False),
    "executionname": Rule(Letter.EXECUTION, values.resource_name, is_id=False),
    "workflowexecutionid": _EXECUTION,
    "workflowinstanceid": _EXECUTION,
    "workflowrunid": _EXECUTION,
    "orchestrationinstanceid": _EXECUTION,
    "eventid": _EVENT,
    "causationid": _CAUSATION,
    "requestcontextrequestid": _CAUSATION,  # what a Lambda destination is told of
    "messageattributesrequestid": _CAUSATION,  # Lambda's dead-letter queue
    "xrequestid": _REQUEST,
    "xcallid": _CALL,
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
    "messagepublishtime": _ENQUEUED,  # Pub/Sub
    "senttimestamp": _ENQUEUED,
    "approximatearrivaltimestamp": _ENQUEUED,
    "deadletterqueuesourcearn": _DEAD_LETTER_OF,
    "deadlettersource": _DEAD_LETTER_OF,  # Service Bus
    "deadlettersourcesubscription": _DEAD_LETTER_OF,  # Pub/Sub
    "firstdeathqueue": _DEAD_LETTER_OF,  # RabbitMQ
}
MOST_WORDS: Final = 5
