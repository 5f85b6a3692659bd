"""Where functions run: the resource and the invocation span each platform's SDK is known to send.

Names and spellings, old ones included, are those of the instrumentations, not of one convention:
Lambda with Node and Python, Azure's host, Java services on Kafka, Google's functions, Cloudflare,
workers of a workflow engine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.proto.trace.v1.trace_pb2 import Span

Attributes = dict[str, Any]
ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"
_ARN: Final = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"


@dataclass(frozen=True, slots=True)
class Start:
    """What is known as an invocation starts."""

    function: str
    instance: str
    request_id: str
    cold: bool
    trigger: str  # http, pubsub, timer, datasource, other
    modern: bool  # the newer spelling where a name changed


@dataclass(frozen=True, slots=True)
class Platform:
    """How one runtime reports. ``log_shape``: otlp (with trace ids), json (request id only)."""

    name: str
    scope: str
    resource: Callable[[str, str], Attributes]
    attributes: Callable[[Start], Attributes]
    log_shape: str
    kind: int = Span.SPAN_KIND_SERVER
    has_request_id: bool = True
    span_name: Callable[[Start], str] = lambda start: start.function


def _node_resource(function: str, instance: str) -> Attributes:
    return {
        "service.name": function,
        "cloud.provider": "aws",
        "cloud.platform": "aws_lambda",
        "cloud.region": REGION,
        "faas.name": function,
        "faas.version": "17",
        "faas.instance": instance,
        "faas.max_memory": 536_870_912,
        "telemetry.sdk.language": "nodejs",
        "aws.log.group.names": [f"/aws/lambda/{function}"],
    }


def _node(start: Start) -> Attributes:
    new = start.modern
    return {
        "faas.invocation_id" if new else "faas.execution": start.request_id,
        "cloud.resource_id" if new else "faas.id": f"{_ARN}{start.function}:live",
        "cloud.account.id": ACCOUNT,
        "faas.coldstart": start.cold,
        "faas.trigger": start.trigger,
    }


def _python_resource(function: str, instance: str) -> Attributes:
    return {
        "service.name": function,
        "cloud.provider": "aws",
        "cloud.region": REGION,
        "faas.name": function,
        "faas.version": "$LATEST",
        "faas.instance": instance,
        "faas.max_memory": 512,
        "telemetry.sdk.language": "python",
    }


def _python(start: Start) -> Attributes:
    return {
        "faas.invocation_id": start.request_id,
        "cloud.resource_id": f"{_ARN}{start.function}",
        "cloud.account.id": ACCOUNT,
        "faas.trigger": start.trigger if start.trigger in ("http", "pubsub") else None,
    }


_AZURE_TRIGGERS: Final = {
    "http": "http",
    "pubsub": "serviceBusTrigger",
    "timer": "timerTrigger",
    "datasource": "blobTrigger",
    "other": "orchestrationTrigger",
}


def _azure_resource(function: str, instance: str) -> Attributes:
    app = function.split("-")[0] + "-app"
    site = f"/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/sites/{app}"
    return {
        "service.name": app,
        "service.version": "4.1040.300.25317",
        "service.instance.id": instance,
        "cloud.provider": "azure",
        "cloud.platform": "azure_functions",
        "cloud.region": "westeurope",
        "cloud.resource.id": site,
        "ai.sdk.prefix": "azurefunctions:4.1040.300",
    }


def _azure(start: Start) -> Attributes:
    return {
        "faas.name": start.function,
        "faas.trigger": _AZURE_TRIGGERS[start.trigger],
        "faas.invocation_id": start.request_id,
        "faas.instance": start.instance,
        "faas.coldstart": True if start.cold else None,
    }


def _java_resource(function: str, instance: str) -> Attributes:
    return {
        "service.name": function,
        "service.instance.id": instance,
        "k8s.pod.name": f"{function}-{instance[-5:]}",
        "telemetry.sdk.language": "java",
        "process.runtime.name": "OpenJDK Runtime Environment",
    }


def _google_resource(function: str, instance: str) -> Attributes:
    return {
        "service.name": function,
        "cloud.provider": "gcp",
        "cloud.platform": "gcp_cloud_functions",
        "cloud.region": "europe-west1",
        "cloud.account.id": "shop-prod-4711",
        "faas.name": function,
        "faas.version": f"{function}-00042-xyz",
        "faas.instance": instance,
    }


def _google(start: Start) -> Attributes:
    if start.trigger == "http":
        return {"http.request.method": "POST", "url.path": "/", "http.response.status_code": 200}
    return {"faas.trigger": start.trigger}


def _cloudflare_resource(function: str, instance: str) -> Attributes:
    return {
        "service.name": function,
        "faas.name": function,
        "cloud.provider": "cloudflare",
        "cloud.platform": "cloudflare.workers",
        "telemetry.sdk.name": "cloudflare",
    }


def _cloudflare(start: Start) -> Attributes:
    triggers = {"pubsub": "queue", "timer": "cron"}
    return {
        "faas.invocation_id": start.request_id,
        "faas.trigger": triggers.get(start.trigger, start.trigger),
        "cloudflare.script_name": start.function,
        "cloudflare.outcome": "ok",
        "cloudflare.invocation.sequence.number": 1,
    }


NODE: Final = Platform(
    "node", "@opentelemetry/instrumentation-aws-lambda", _node_resource, _node, "otlp"
)
PYTHON: Final = Platform(
    "python", "opentelemetry.instrumentation.aws_lambda", _python_resource, _python, "json"
)
AZURE: Final = Platform(
    "azure",
    "Microsoft.Azure.WebJobs.Script",
    _azure_resource,
    _azure,
    "otlp",
    span_name=lambda start: f"function {start.function}" if start.modern else "Invoke",
)
JAVA: Final = Platform(
    "java",
    "io.opentelemetry.kafka-clients-2.6",
    _java_resource,
    lambda start: {"thread.name": "listener-0-C-1"},
    "otlp",
    has_request_id=False,
)
GOOGLE: Final = Platform(
    "google",
    "opentelemetry.instrumentation.flask",
    _google_resource,
    _google,
    "otlp",
    has_request_id=False,
    span_name=lambda start: "POST /",
)
CLOUDFLARE: Final = Platform("cloudflare", "workers", _cloudflare_resource, _cloudflare, "otlp")
WORKER: Final = Platform(
    "worker",
    "temporalio.contrib.opentelemetry",
    _java_resource,
    lambda start: {},
    "otlp",
    kind=Span.SPAN_KIND_SERVER,
    has_request_id=False,
)
# The least an SDK sets up by hand may say, with and without a request id.
BARE: Final = Platform(
    "bare",
    "shop",
    lambda function, instance: {"service.name": function, "faas.name": function},
    lambda start: {"faas.trigger": start.trigger},
    "otlp",
    has_request_id=False,
)
HOMEMADE: Final = Platform(
    "homemade",
    "tracing",
    lambda function, instance: {
        "service.name": function,
        "service.instance.id": instance,
        "cloud.provider": "aws",
    },
    lambda start: {"faas.invocation_id": start.request_id, "faas.coldstart": start.cold},
    "json",
)
LAMBDAS: Final = (NODE, PYTHON)
ALL: Final = (NODE, PYTHON, AZURE, JAVA, GOOGLE, CLOUDFLARE)
