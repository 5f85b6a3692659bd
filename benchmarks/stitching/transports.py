"""How each transport names its messages and what its spans say, in old and new conventions."""

from typing import Final

from benchmarks.stitching.channels import Channel, Message
from benchmarks.stitching.platforms import ACCOUNT, REGION, Attributes
from benchmarks.stitching.run import Run
from benchmarks.stitching.world import SECOND

# Services that are called; nothing of them is a message to an SDK.
CALLS: Final = {
    "eventbridge": "EventBridge.PutEvents",
    "kinesis": "Kinesis.PutRecord",
    "s3": "S3.PutObject",
    "states": "SFN.StartExecution",
}
TRIGGERS: Final = {"s3": "datasource", "states": "other", "eventbridge": "other"}
_SYSTEMS: Final = {
    "sqs": ("aws_sqs", "aws.sqs", "AmazonSQS"),
    "sns": ("aws.sns", "aws_sns"),
    "kafka": ("kafka",),
    "servicebus": ("servicebus",),
    "pubsub": ("gcp_pubsub",),
    "rabbitmq": ("rabbitmq",),
}


def message_id(run: Run, channel: Channel) -> str:
    rnd = run.world.rnd
    match channel.transport:
        case "kinesis":
            return f"4966{rnd.randrange(10**51, 10**52)}"
        case "kafka":
            return str(run.world.next_offset(channel.name))
        case "pubsub":
            return str(rnd.randrange(10**15, 10**16))
        case "servicebus":
            return run.world.uuid().replace("-", "")
        case _:
            return run.world.uuid()


def send_name(channel: Channel) -> str:
    if channel.transport == "servicebus":
        return "ServiceBusSender.Send"
    return CALLS.get(channel.transport, f"{channel.name} send")


def sent(run: Run, channel: Channel) -> Attributes:
    old = not run.function.modern
    match channel.transport:
        case transport if transport in CALLS:
            service, method = send_name(channel).split(".")
            said = {"rpc.system": "aws-api", "rpc.service": service, "rpc.method": method}
            if channel.transport == "kinesis":
                said["aws.kinesis.stream.name"] = channel.name
            return said
        case "sns":
            arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{channel.name}"
            return {
                "messaging.system": run.world.rnd.choice(_SYSTEMS["sns"]),
                "messaging.destination" if old else "messaging.destination.name": arn,
                "messaging.destination_kind": "topic" if old else None,
            }
        case _:
            return _destination(run, channel) | {
                "messaging.operation" if old else "messaging.operation.type": "publish"
                if old
                else "send"
            }


def received(run: Run, channel: Channel, message: Message | None) -> Attributes:
    old = not run.function.modern
    said = _destination(run, channel)
    said["messaging.operation" if old else "messaging.operation.type"] = "process"
    if channel.transport == "pubsub" and not old:
        said["messaging.destination.subscription.name"] = f"{channel.name}-sub"
    if message and channel.transport == "servicebus":
        said["messaging.servicebus.message.delivery_count"] = 1
        said["messaging.servicebus.message.enqueued_time"] = message.sent_ns // SECOND
    return said


def _destination(run: Run, channel: Channel) -> Attributes:
    old = not run.function.modern
    systems = _SYSTEMS.get(channel.transport, ("aws_kinesis",))
    said: Attributes = {"messaging.system": run.world.rnd.choice(systems)}
    if channel.transport == "sqs" and old:
        url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{channel.name}"
        said |= {"messaging.destination": channel.name, "aws.queue_url": url}
    else:
        said["messaging.destination" if old else "messaging.destination.name"] = channel.name
    return said
