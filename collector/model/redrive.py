"""Which queue is whose dead-letter queue, and how its messages are put back: commands to read."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from collector.model.health import RedrivePlan


class QueueRule(Protocol):
    """A ``[[queues]]`` entry of the settings."""

    @property
    def match(self) -> str: ...

    @property
    def dlq_of(self) -> str | None: ...


def source_of(queue: str, rules: Iterable[QueueRule]) -> str | None:
    """The queue whose dead letters this one holds, by the settings; first match wins."""
    return next((rule.dlq_of for rule in rules if fnmatchcase(queue, rule.match)), None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a queue is, as far as telemetry tells; None leaves a variable for the reader to set."""

    provider: str | None
    region: str | None
    account_id: str | None


def plan(queue: str, source: str | None, place: Place) -> RedrivePlan:
    """How to put the dead letters of a queue back; the first commands only look."""
    warnings = ["Mend what failed first: what is put back fails again otherwise."]
    if place.provider == "azure" or "/$deadletterqueue" in queue.lower():
        commands = _azure(queue, source)
        warnings.append("The Azure CLI cannot resubmit: use Service Bus Explorer in the portal.")
    elif place.provider == "gcp":
        commands = _pubsub(queue, source)
        warnings.append("A message that is published again has a new id and publish time.")
    elif place.provider == "cloudflare":
        commands = _cloudflare(queue)
        warnings.append("Cloudflare deletes dead letters that nobody takes within their retention.")
    else:
        commands = _sqs(queue, source, place)
        warnings.append("Moved messages get a new id and enqueue time; expiry starts anew.")
    return RedrivePlan(queue, source, tuple(commands), tuple(warnings))


def _sqs(queue: str, source: str | None, place: Place) -> list[str]:
    name = shlex.quote(queue)
    url = f'"$(aws sqs get-queue-url --queue-name {name} --query QueueUrl --output text)"'
    region = place.region or "$AWS_REGION"
    account = place.account_id or "$AWS_ACCOUNT_ID"
    arn = f'"arn:aws:sqs:{region}:{account}:{_plain(queue)}"'
    to = f' --destination-arn "arn:aws:sqs:{region}:{account}:{_plain(source)}"' if source else ""
    move = f"aws sqs start-message-move-task --source-arn {arn}{to}"
    return [
        f"aws sqs get-queue-attributes --attribute-names All --queue-url {url}",
        f"{move} --max-number-of-messages-per-second 10",
        f"aws sqs list-message-move-tasks --source-arn {arn}",
    ]


def _azure(queue: str, source: str | None) -> list[str]:
    name = shlex.quote(source or queue.split("/$", maxsplit=1)[0])
    if queue.endswith("-poison"):
        put = f"az storage message put --queue-name {name}"
        return [
            f"az storage message peek --queue-name {shlex.quote(queue)} --num-messages 32",
            f'{put} --content "$MESSAGE_TEXT"',
        ]
    place = "--resource-group $RESOURCE_GROUP --namespace-name $NAMESPACE"
    count = "--query countDetails.deadLetterMessageCount"
    return [f"az servicebus queue show --name {name} {place} {count}"]


def _pubsub(queue: str, source: str | None) -> list[str]:
    name, topic = shlex.quote(queue), shlex.quote(source) if source else "$SOURCE_TOPIC"
    return [
        f"gcloud pubsub subscriptions pull {name} --limit=10 --format=json",
        f'gcloud pubsub topics publish {topic} --message="$MESSAGE_DATA"',
        f'gcloud pubsub subscriptions ack {name} --ack-ids="$ACK_ID"',
    ]


def _cloudflare(queue: str) -> list[str]:
    return [
        f"npx wrangler queues info {shlex.quote(queue)}",
        f"npx wrangler queues consumer add {shlex.quote(queue)} $REDRIVE_WORKER",
        f"npx wrangler queues consumer remove {shlex.quote(queue)} $REDRIVE_WORKER",
    ]


def _plain(name: str | None) -> str:
    """A name between double quotes of a shell: what has a meaning there is taken out."""
    return "".join(letter for letter in name or "" if letter.isalnum() or letter in "-_.")
