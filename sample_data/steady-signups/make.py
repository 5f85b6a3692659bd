"""Steady signups: two Lambda functions and a queue on a quiet day, nothing wrong anywhere.

Spans come from the OpenTelemetry SDK in both functions, log records from its log handler. Every
environment has run for long before the story begins, so no start is cold.
"""

from collections.abc import Iterator
from typing import Any, Final

from sample_data.written import otlp
from sample_data.written.captures import Captures
from sample_data.written.otlp import CONSUMER, PRODUCER, SERVER

ACCOUNT, REGION = "210987654321", "eu-central-1"
SIGNUPS: Final = 24
EVERY_S: Final = 50
MEMORY_BYTES: Final = 256 * 1024 * 1024
VERSIONS: Final = {"signup-api": "31", "welcome-mail": "12"}


def resource(function: str) -> dict[str, Any]:
    """What the SDK's Lambda resource detector finds."""
    return {
        "service.name": function,
        "cloud.provider": "aws",
        "cloud.platform": "aws_lambda",
        "cloud.region": REGION,
        "faas.name": function,
        "faas.version": VERSIONS[function],
        "faas.max_memory": MEMORY_BYTES,
        "faas.instance": f"2026/11/20/[{VERSIONS[function]}]{otlp.trace_id(function).hex()}",
        "telemetry.sdk.language": "python",
    }


def invocation(function: str, trace: str, trigger: str) -> dict[str, Any]:
    """The attributes of the span of a whole invocation."""
    return {
        "faas.trigger": trigger,
        "faas.invocation_id": otlp.uuid(f"{trace} {function}"),
        "faas.coldstart": False,
        "cloud.resource_id": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}",
        "cloud.account.id": ACCOUNT,
    }


def message(number: int, operation: str) -> dict[str, Any]:
    """What a span about the message of one signup says."""
    return {
        "messaging.system": "aws_sqs",
        "messaging.operation.type": operation,
        "messaging.destination.name": "signups",
        "messaging.message.id": otlp.uuid(f"steady signup {number} message"),
    }


def signup(number: int, second: float) -> list[Any]:
    """A request to signup-api, which sends one message to the queue `signups`."""
    trace = f"steady signup {number}"
    return [
        otlp.span(
            "POST /signups", SERVER, second, 42.0, trace=trace, me=f"{trace} api",
            tags=invocation("signup-api", trace, "http")
            | {"http.request.method": "POST", "http.response.status_code": 201},
        ),
        otlp.span(
            "signups send", PRODUCER, second + 0.030, 9.0, trace=trace, me=f"{trace} send",
            parent=f"{trace} api", tags=message(number, "send"),
        ),
    ]  # fmt: skip


def mail(number: int, second: float) -> list[Any]:
    """The message is handled by welcome-mail, in a trace of its own."""
    trace = f"steady signup {number} mail"
    return [
        otlp.span(
            "welcome-mail", SERVER, second, 88.0, trace=trace, me=f"{trace} handler",
            tags=invocation("welcome-mail", trace, "pubsub"),
        ),
        otlp.span(
            "signups process", CONSUMER, second + 0.004, 80.0, trace=trace, me=f"{trace} process",
            parent=f"{trace} handler", tags=message(number, "process"),
        ),
    ]  # fmt: skip


def exports() -> Iterator[tuple[str, list[Any], list[Any]]]:
    """(function, spans, log records) in order of arrival."""
    for number in range(1, SIGNUPS + 1):
        second = 10 + (number - 1) * EVERY_S
        for function, trace, spans in (
            ("signup-api", f"steady signup {number}", signup(number, second)),
            ("welcome-mail", f"steady signup {number} mail", mail(number, second + 0.2)),
        ):
            me = f"{trace} api" if function == "signup-api" else f"{trace} handler"
            said = otlp.log(f"signup {number:02d} done", second + 0.03, trace=trace, me=me)
            yield function, spans, [said]


def captures() -> Captures:
    """One export of spans and one of log records for each invocation."""
    made = Captures()
    for function, spans, records in exports():
        who = resource(function)
        made.traces.append(otlp.traces(who, "opentelemetry.instrumentation.aws_lambda", spans))
        made.logs.append(otlp.logs(who, "opentelemetry.sdk._logs", records))
    return made
