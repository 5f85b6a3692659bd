"""The settings that point each platform here, ready to copy, with our own address filled in.

One :class:`Guide` is one tab of the Setup page. Lambda: every layer of the OpenTelemetry project
reads the standard variables; ``OTEL_PROPAGATORS`` leaves out ``xray-lambda``, which makes the
runtime's own segment a parent that is never exported (semantic conventions, faas/aws-lambda).
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

TOKEN: Final = "YOUR_INGEST_TOKEN"  # noqa: S105 - the placeholder people replace
_PROPAGATORS: Final = "tracecontext,baggage,xray"


# Templates to deploy as they are, by the name under which the Setup page offers them.
_DEPLOY: Final = Path(__file__).with_name("deploy")
CLOUDFORMATION: Final = "lockstitch-aws.yaml"
TERRAFORM: Final = "lockstitch-aws.tf"
FILES: Final = (CLOUDFORMATION, TERRAFORM)


@cache
def file_text(name: str) -> str:
    """The content of one of ``FILES``."""
    return (_DEPLOY / name).read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence, and the lines to copy for it; ``file``, when they are one to download."""

    text: str
    lines: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """One platform. ``key`` is its tab in the URL, ``note`` what people trip over."""

    key: str
    name: str
    steps: Sequence[Step]
    note: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where senders reach us; ``token`` when they need one."""

    http: str
    grpc: str
    token: bool

    @property
    def variables(self) -> dict[str, str]:
        """The standard OTLP exporter variables of every SDK."""
        found = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.http,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        }
        if self.token:  # a space must be written %20 here (OTLP exporter specification)
            found["OTEL_EXPORTER_OTLP_HEADERS"] = f"Authorization=Bearer%20{TOKEN}"
        return found


def guides(address: Address) -> tuple[Guide, ...]:
    """All platforms, in the order of the tabs."""
    return (
        _lambda("lambda-python", "Lambda Python", "/opt/otel-instrument", address),
        _lambda("lambda-node", "Lambda Node.js", "/opt/otel-handler", address),
        _aws(address),
        _azure(address),
        _google(address),
        _cloudflare(address),
        _sdk(address),
        _collector(address),
    )


def _lambda(key: str, name: str, wrapper: str, address: Address) -> Guide:
    settings = {
        "AWS_LAMBDA_EXEC_WRAPPER": wrapper,
        **address.variables,
        "OTEL_PROPAGATORS": _PROPAGATORS,
    }
    sam = "\n".join(
        [
            "Globals:",
            "  Function:",
            "    Layers:",
            "      - LAYER_ARN",
            "    Environment:",
            "      Variables:",
            *(f'        {name}: "{value}"' for name, value in settings.items()),
        ]
    )
    terraform = "\n".join(
        [
            'resource "aws_lambda_function" "orders" {',
            '  layers = ["LAYER_ARN"]',
            "  environment {",
            "    variables = {",
            *(f'      {name} = "{value}"' for name, value in settings.items()),
            "    }",
            "  }",
            "}",
        ]
    )
    return Guide(
        key,
        name,
        (
            Step("In a SAM template, for all functions in it:", sam),
            Step("Or in Terraform, for each function:", terraform),
        ),
        "LAYER_ARN is the OpenTelemetry layer for your runtime, processor and region, listed with "
        "each release of open-telemetry/opentelemetry-lambda; no collector layer is needed. Leave "
        "xray-lambda out of OTEL_PROPAGATORS: it makes X-Ray's own segment the parent of every "
        "trace, and that segment never arrives here.",
    )


def _aws(address: Address) -> Guide:
    """What is in no span: throttles, queue ages, and the report line of each invocation."""
    base = f"https://{_public_host(address)}"
    deploy = " \\\n".join(
        [
            f"aws cloudformation deploy --template-file {CLOUDFORMATION}",
            "  --stack-name lockstitch --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND",
            "  --parameter-overrides",
            f"    EndpointUrl={base}/firehose AccessKey={TOKEN}",
            "    Functions=orders-api,orders-worker",
        ]
    )
    settings = (
        "Globals:\n"
        "  Function:\n"
        "    LoggingConfig:\n"
        "      LogFormat: JSON\n"
        "      SystemLogLevel: INFO    # at WARN the reports of successful invocations vanish"
    )
    terraform = (
        "terraform init && terraform apply \\\n"
        f"  -var endpoint_url={base}/firehose -var access_key={TOKEN} \\\n"
        """  -var 'functions=["orders-api","orders-worker"]'"""
    )
    return Guide(
        "aws",
        "AWS metrics and logs",
        (
            Step(
                "One CloudFormation stack sends CloudWatch metrics and the logs of your functions "
                "through Firehose. Save it:",
                file_text(CLOUDFORMATION),
                CLOUDFORMATION,
            ),
            Step("Make a token (lockstitch token new aws), then deploy:", deploy),
            Step("Or with Terraform, from an empty folder:", file_text(TERRAFORM), TERRAFORM),
            Step("Then:", terraform),
            Step("In the SAM template of the functions; text format works as well:", settings),
        ),
        f"Firehose sends to an https address on port 443 with a public certificate only: put a "
        f"proxy in front that forwards /firehose to {address.http}/firehose. Metrics arrive two to "
        "three minutes after the minute they are of. A log group takes two subscriptions at most. "
        "What cannot be delivered for an hour is kept in a bucket: lockstitch import reads it.",
    )


def _public_host(address: Address) -> str:
    """The name AWS may reach us by; one to replace when we listen on no certain address."""
    host = urlsplit(address.http).hostname or ""
    try:
        certain = ipaddress.ip_address(host).is_global
    except ValueError:
        certain = host != "localhost"
    return host if certain else "COLLECTOR.EXAMPLE.COM"


def _azure(address: Address) -> Guide:
    settings = [
        f"  {name}={value}"
        for name, value in address.variables.items()
        if name != "OTEL_EXPORTER_OTLP_PROTOCOL"
    ]
    command = " \\\n".join(
        [
            "az functionapp config appsettings set",
            "  --name APP --resource-group GROUP --settings",
            *settings,
        ]
    )
    return Guide(
        "azure",
        "Azure Functions",
        (
            Step(
                "In host.json, at the root:",
                '{\n  "version": "2.0",\n  "telemetryMode": "OpenTelemetry"\n}',
            ),
            Step("Then the app settings:", command),
        ),
        "The Functions host sends traces and logs, no metrics. Your own code needs the "
        "OpenTelemetry SDK of its language with the same settings for spans of its own.",
    )


def _google(address: Address) -> Guide:
    pairs = ",".join(f"{name}={value}" for name, value in address.variables.items())
    separated = f"^##^{pairs.replace(',OTEL', '##OTEL')}"
    return Guide(
        "google",
        "Google Cloud functions",
        (
            Step(
                "Deploy with the exporter's variables:",
                "gcloud functions deploy FUNCTION --gen2 --region REGION \\\n"
                f'  --set-env-vars="{separated}"',
            ),
            Step(
                "Python: add to requirements.txt",
                "opentelemetry-distro\nopentelemetry-exporter-otlp-proto-http\n"
                "opentelemetry-resourcedetector-gcp",
            ),
        ),
        "An instance is frozen between requests: call force_flush at the end of each request, or "
        "its last spans arrive with the next one.",
    )


def _cloudflare(address: Address) -> Guide:
    header = f"\nHeader  Authorization: Bearer {TOKEN}" if address.token else ""
    wrangler = (
        '{\n  "observability": {\n'
        '    "traces": { "enabled": true, "destinations": ["lockstitch-traces"] },\n'
        '    "logs": { "enabled": true, "destinations": ["lockstitch-logs"] }\n'
        "  }\n}"
    )
    return Guide(
        "cloudflare",
        "Cloudflare Workers",
        (
            Step(
                "In the dashboard, Workers observability, add two destinations:",
                f"lockstitch-traces  {address.http}/v1/traces\n"
                f"lockstitch-logs    {address.http}/v1/logs{header}",
            ),
            Step("Then in wrangler.jsonc:", wrangler),
        ),
        "Cloudflare sends traces and logs, no metrics, and only to an https address on the "
        "internet. After a deploy the first events may take some minutes.",
    )


def _sdk(address: Address) -> Guide:
    lines = "\n".join(f'export {name}="{value}"' for name, value in address.variables.items())
    grpc = (
        f'export OTEL_EXPORTER_OTLP_ENDPOINT="{address.grpc}"\n'
        'export OTEL_EXPORTER_OTLP_PROTOCOL="grpc"'
    )
    return Guide(
        "sdk",
        "Any SDK",
        (
            Step(
                "Every OpenTelemetry SDK reads these variables:",
                f'export OTEL_SERVICE_NAME="orders"\n{lines}',
            ),
            Step("Over gRPC instead:", grpc),
        ),
        "The endpoint is the base address: the SDK appends /v1/traces, /v1/metrics and /v1/logs "
        "itself.",
    )


def _collector(address: Address) -> Guide:
    headers = f"\n    headers:\n      Authorization: Bearer {TOKEN}" if address.token else ""
    lines = (
        "exporters:\n"
        "  otlphttp/lockstitch:\n"
        f"    endpoint: {address.http}\n"
        f"    compression: zstd{headers}\n"
        "service:\n"
        "  pipelines:\n"
        "    traces: { receivers: [otlp], exporters: [otlphttp/lockstitch] }\n"
        "    metrics: { receivers: [otlp], exporters: [otlphttp/lockstitch] }\n"
        "    logs: { receivers: [otlp], exporters: [otlphttp/lockstitch] }"
    )
    return Guide(
        "collector",
        "OpenTelemetry Collector",
        (Step("Add this exporter to the Collector you have:", lines),),
        "Keep its sending queue on: when this store is full or restarting it answers 429 or 503 "
        "with Retry-After, and the Collector sends again.",
    )
