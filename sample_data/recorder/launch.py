"""How a function's process is started: runtime, instrumentation, environment variables."""

import os
import sys
import sysconfig
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from .function import REGION, Function

HERE = Path(__file__).parent
SERVICES = {
    "DYNAMODB": "dynamodb",
    "EVENTBRIDGE": "events",
    "S3": "s3",
    "SFN": "states",
    "SNS": "sns",
    "SQS": "sqs",
}
"""Services by their name in `AWS_ENDPOINT_URL_*`, with the first part of their host name."""
AUTO_INSTRUMENTATION = "/var/runtime/opentelemetry/instrumentation/auto_instrumentation"
# What the functions' Maven build leaves: the agent, the classes and what they need, AWS's own
# runtime client among them. Tiered compilation stops early, as the Java layer sets it.
JAVA_OPTIONS = (
    "-javaagent:/var/task/target/opentelemetry-javaagent.jar",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
)
JAVA_CLASSES = "/var/task/target/classes:/var/task/target/lib/*"
JAVA_RUNTIME = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda"


def host(prefix: str) -> str:
    """A regional host name of AWS; inside the sandbox it leads to the played cloud."""
    return f"{prefix}.{REGION}.amazonaws.com"


class Launcher:
    """Builds commands and variables as the OpenTelemetry Lambda layers do for real functions."""

    def __init__(
        self, cloud_url: str, otlp_url: str, node_modules: Path, buckets: tuple[str, ...] = ()
    ) -> None:
        self._cloud_port = urlsplit(cloud_url).port
        self._otlp_url = otlp_url
        self._node_modules = node_modules
        hosts = [host(prefix) for prefix in SERVICES.values()]
        hosts += [host(f"{bucket}.s3") for bucket in buckets]
        self._hosts = Path(tempfile.mkdtemp()) / "hosts"
        self._hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in ["localhost", *hosts]))

    def command_for(self, function: Function, code: Path) -> tuple[list[str], dict[str, str]]:
        """The command line and the whole environment of one process of the function."""
        variables = self._lambda(function) | self._telemetry(function)
        if function.runtime == "nodejs20.x":
            options = "--no-warnings --require /var/layer/instrument.js"
            variables |= {"NODE_PATH": "/var/node_modules", "NODE_OPTIONS": options}
            command = ["node", "/var/layer/runtime.js"]
        elif function.runtime == "java17":
            command = ["java", *JAVA_OPTIONS, "-cp", JAVA_CLASSES, JAVA_RUNTIME, function.handler]
        else:
            path = [AUTO_INSTRUMENTATION, "/var/runtime", "/var/layer", "/var/task"]
            variables |= {"PYTHONPATH": ":".join(path), "ORIG_HANDLER": function.handler}
            variables["PYTHONDONTWRITEBYTECODE"] = "1"
            python = f"/var/lang/bin/python{sys.version_info.major}.{sys.version_info.minor}"
            command = [python, "-m", "awslambdaric", "wrapper.handler"]
        return self._sandboxed(code, command), variables | dict(function.environment)

    def _sandboxed(self, code: Path, command: list[str]) -> list[str]:
        packages = sysconfig.get_paths()["purelib"]
        mounts = [code, packages, sys.base_prefix, HERE / "layer", self._node_modules, self._hosts]
        enter = ["unshare", "--mount", "--map-root-user", str(HERE / "sandbox.sh")]
        return enter + [str(mount) for mount in mounts] + command

    def _lambda(self, function: Function) -> dict[str, str]:
        """What Lambda sets itself, plus where the played cloud is."""
        endpoints = {
            f"AWS_ENDPOINT_URL_{name}": f"http://{host(prefix)}:{self._cloud_port}"
            for name, prefix in SERVICES.items()
        }
        return endpoints | {
            "PATH": os.environ["PATH"],
            "TZ": ":UTC",
            "_HANDLER": function.handler,
            "LAMBDA_TASK_ROOT": "/var/task",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "recording",
            "AWS_SECRET_ACCESS_KEY": "recording",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _telemetry(self, function: Function) -> dict[str, str]:
        """What a team sets to send to an OTLP endpoint of its own."""
        logs = "otlp" if function.log_route == "sdk" else "none"
        return {
            "OTEL_SERVICE_NAME": function.name,
            "OTEL_EXPORTER_OTLP_ENDPOINT": self._otlp_url,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            "OTEL_TRACES_EXPORTER": "otlp",
            "OTEL_METRICS_EXPORTER": "otlp",
            "OTEL_LOGS_EXPORTER": logs,
            "OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED": str(logs == "otlp").lower(),
            "OTEL_BLRP_SCHEDULE_DELAY": "500",
            "OTEL_PROPAGATORS": "tracecontext,baggage",
            "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "aws_lambda",
            # The wrapper applies aws-lambda. Only functions that say so have boto3sqs beside
            # botocore's own instrumentation.
            "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "aws-lambda,boto3sqs",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=production",
            # The Java agent knows Lambda's resource, but must be asked for it.
            "OTEL_RESOURCE_PROVIDERS_AWS_ENABLED": "true",
        }
