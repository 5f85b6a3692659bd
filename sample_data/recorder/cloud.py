"""The played cloud as a story sets it up: small, named steps over boto3."""

import json
from typing import Any

import boto3

from .function import ACCOUNT_ID, REGION, Function


def arn(service: str, resource: str) -> str:
    """The ARN of a resource of the stories' account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{resource}"


def queue_url(name: str) -> str:
    """A queue's URL as AWS writes it; functions are given this one."""
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{name}"


class Cloud:
    """Creates what a story's functions use."""

    def __init__(self, url: str) -> None:
        self.url = url

    def client(self, service: str) -> Any:
        """A boto3 client that talks to the played cloud."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="recording",
            aws_secret_access_key="recording",
        )

    def table(self, name: str, key: str) -> None:
        self.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def queue(self, name: str, visibility_s: int, dlq: str | None, max_receives: int = 3) -> None:
        """A queue and, where named, its dead-letter queue."""
        attributes = {"VisibilityTimeout": str(visibility_s)}
        if dlq:
            self.client("sqs").create_queue(QueueName=dlq)
            policy = {"deadLetterTargetArn": arn("sqs", dlq), "maxReceiveCount": max_receives}
            attributes["RedrivePolicy"] = json.dumps(policy)
        self.client("sqs").create_queue(QueueName=name, Attributes=attributes)

    def topic(self, name: str, subscriptions: dict[str, str]) -> None:
        """A topic with its subscribers: {endpoint ARN: protocol}."""
        sns = self.client("sns")
        sns.create_topic(Name=name)
        for endpoint, protocol in subscriptions.items():
            sns.subscribe(TopicArn=arn("sns", name), Protocol=protocol, Endpoint=endpoint)

    def bucket(self, name: str, function: Function, prefix: str) -> None:
        """A bucket that tells a function about every object created under a prefix."""
        s3 = self.client("s3")
        location = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=location)
        rule = {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}}
        told = {
            "LambdaFunctionArn": function.arn,
            "Events": ["s3:ObjectCreated:*"],
            "Filter": rule,
        }
        s3.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"LambdaFunctionConfigurations": [told]}
        )

    def rule(self, bus: str, name: str, detail_type: str, function: Function) -> None:
        """An EventBridge rule that sends one kind of event to a function."""
        events = self.client("events")
        pattern = json.dumps({"detail-type": [detail_type]})
        events.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)
        target = {"Id": function.name, "Arn": function.arn}
        events.put_targets(Rule=name, EventBusName=bus, Targets=[target])

    def function(self, function: Function) -> None:
        """Makes a function known to the cloud, so that it can be invoked by ARN."""
        role = "arn:aws:iam::123456789012:role/functions"
        try:
            policy = json.dumps({"Version": "2012-10-17", "Statement": []})
            iam = self.client("iam")
            iam.create_role(RoleName="functions", AssumeRolePolicyDocument=policy)
        except Exception as error:
            if "EntityAlreadyExists" not in type(error).__name__:
                raise
        self.client("lambda").create_function(
            FunctionName=function.name,
            Runtime=function.runtime,
            Role=role,
            Handler=function.handler,
            Code={"ZipFile": b"code stays where it is"},
            MemorySize=function.memory_mb,
        )

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """All messages now in a queue (a dead-letter queue at the end of a story)."""
        sqs = self.client("sqs")
        found: list[dict[str, Any]] = []
        while batch := sqs.receive_message(
            QueueUrl=queue_url(queue), MaxNumberOfMessages=10, AttributeNames=["All"]
        ).get("Messages"):
            found += batch
        return found

    def scan(self, table: str) -> list[dict[str, Any]]:
        """All items of a table, in DynamoDB's own typed form."""
        items: list[dict[str, Any]] = self.client("dynamodb").scan(TableName=table)["Items"]
        return items
