"""Runs moto's server as the cloud around the functions, with Lambda handed to the recorder.

moto plays SQS, SNS, EventBridge, DynamoDB, S3 and Step Functions. What it leaves out of the paths
that telemetry travels on is added here, as AWS documents it: invoking a function reaches the
recorder's Lambda service, SNS and EventBridge deliver real envelopes to functions, and SQS keeps
the tracing header of the request that sent a message as its system attribute `AWSTraceHeader`.
"""

import json
import os
import sys
from typing import Any

import flask
import requests
from moto.awslambda.models import LambdaFunction
from moto.core.utils import iso_8601_datetime_without_milliseconds, utcfromtimestamp
from moto.events.models import Rule
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.sns.models import Subscription
from moto.sqs.models import SQSBackend
from moto.utilities.arns import parse_arn

from .function import TRACE_HEADER

# A function may run for seconds inside a synchronous call (Step Functions waits for its tasks).
CALL_TIMEOUT_S = 60


def trace_header() -> str | None:
    """The tracing header of the API call being served, where there is one."""
    return flask.request.headers.get(TRACE_HEADER) if flask.has_request_context() else None


def called_service() -> str:
    """The service the current API call was signed for: `sqs`, `sns`, `s3`..."""
    if not flask.has_request_context():
        return ""
    scope = flask.request.headers.get("Authorization", "").partition("Credential=")[2]
    return scope.split("/")[3] if scope.count("/") >= 3 else ""


class LambdaDoor:
    """Hands invocations to the recorder's Lambda service over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url

    def invoke(self, name: str, event: Any, *, wait: bool, source: str) -> requests.Response:
        """Invokes a function; with `wait` the answer is the function's own."""
        # S3 starts a new trace; SNS, EventBridge and Step Functions pass the caller's on.
        header = None if source == "s3" else trace_header()
        return requests.post(
            f"{self.url}/invoke/{name}",
            params={"wait": str(int(wait)), "source": source},
            headers={TRACE_HEADER: header} if header else {},
            data=json.dumps(event),
            timeout=CALL_TIMEOUT_S,
        )


def forward_invocations(door: LambdaDoor) -> None:
    """Makes `lambda:Invoke` (from Step Functions, S3 and clients) reach the recorder."""

    def invoke(
        self: LambdaFunction, body: str, request_headers: Any, response_headers: Any
    ) -> str | bytes:
        kind = request_headers.get("x-amz-invocation-type", "RequestResponse")
        event = json.loads(body or "{}")
        from_s3 = "eventSource" in str(event)[:200] and called_service() == "s3"
        wait = kind == "RequestResponse" and not from_s3
        source = "s3" if from_s3 else "invoke"
        answer = door.invoke(self.function_name, event, wait=wait, source=source)
        if answer.headers.get("X-Amz-Function-Error"):
            response_headers["x-amz-function-error"] = answer.headers["X-Amz-Function-Error"]
        return answer.content

    LambdaFunction.invoke = invoke


def deliver_topics_to_functions(door: LambdaDoor) -> None:
    """Gives function subscribers of a topic the SNS event AWS gives them."""
    publish = Subscription.publish

    def publish_to_any(
        self: Subscription,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        **others: Any,
    ) -> None:
        if self.protocol != "lambda":
            publish(self, message, message_id, subject, message_attributes, **others)
            return
        notification = self.get_post_data(message, message_id, subject, message_attributes)
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": self.arn,
            "Sns": notification,
        }
        name = self.endpoint.split(":")[6]
        door.invoke(name, {"Records": [record]}, wait=False, source="sns")

    Subscription.publish = publish_to_any


def deliver_events_to_functions(door: LambdaDoor) -> None:
    """Adds functions to the targets an EventBridge rule can have."""
    send_to_targets = Rule.send_to_targets

    def send_to_any(self: Rule, original_event: Any, transform_input: bool = True) -> None:
        if not self.event_pattern.matches_event(original_event):
            return
        targets = self.targets
        functions = [t for t in targets if parse_arn(t["Arn"]).service == "lambda"]
        for target in functions:
            event = dict(original_event)
            at = utcfromtimestamp(float(event["time"]))
            event["time"] = iso_8601_datetime_without_milliseconds(at)
            name = target["Arn"].split(":")[6]
            door.invoke(name, event, wait=False, source="events")
        try:
            self.targets = [t for t in targets if t not in functions]
            send_to_targets(self, original_event, transform_input)
        finally:
            self.targets = targets

    Rule.send_to_targets = send_to_any


def keep_trace_header_on_messages() -> None:
    """Sets `AWSTraceHeader` from the HTTP header, as SQS does and SNS does for its queues."""
    send_message = SQSBackend.send_message

    def send_with_header(self: SQSBackend, *args: Any, **kwargs: Any) -> Any:
        header = trace_header()
        if header and called_service() in ("sqs", "sns") and not kwargs.get("system_attributes"):
            attribute = {"StringValue": header, "DataType": "String"}
            kwargs["system_attributes"] = {"AWSTraceHeader": attribute}
        return send_message(self, *args, **kwargs)

    SQSBackend.send_message = send_with_header


def main() -> None:
    """`python -m sample_data.recorder.cloud_server LAMBDA_URL`: prints its port, runs until EOF."""
    door = LambdaDoor(sys.argv[1])
    forward_invocations(door)
    deliver_topics_to_functions(door)
    deliver_events_to_functions(door)
    keep_trace_header_on_messages()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    os.environ["MOTO_PORT"] = str(port)  # where the Step Functions interpreter sends its calls
    requests.post(
        f"http://127.0.0.1:{port}/moto-api/config",
        json={"stepfunctions": {"execute_state_machine": True}},
        timeout=10,
    ).raise_for_status()
    print(port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
