"""What is read from resources: identity, memory in bytes, and one id for one content."""

from typing import Any

import pytest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from collector.batch import Export, Signal
from collector.decode.group import decode_group
from collector.decode.limits import Limits
from tests.build import NOW_NS, attributes, export_request, resource_group, span

LIMITS = Limits(max_attributes=64)
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders:live"
AZURE = "/subscriptions/s-1/resourceGroups/g/providers/Microsoft.Web/sites/APP/functions/ship"
GCP = "//run.googleapis.com/projects/p-1/locations/europe-west1/services/ship"


def rows(*groups: Any) -> list[dict[str, Any]]:
    body = export_request(*groups).SerializeToString()
    batch = decode_group(Signal.TRACES, [Export(1, Signal.TRACES, body, NOW_NS)], LIMITS)
    found: list[dict[str, Any]] = batch.tables["resources"].to_pylist()
    return found


def read(named: dict[str, Any]) -> dict[str, Any]:
    (row,) = rows(resource_group(span(), resource=Resource(attributes=attributes(named))))
    return row


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"service.name": "s"}, {"service": "s", "function": "s"}),
        ({"service.name": "s", "faas.name": "f"}, {"service": "s", "function": "f"}),
        ({"service.name": "s", "cloud.resource_id": ARN},
            {"function": "orders", "region": "eu-west-1", "account_id": "123456789012"}),
        ({"faas.id": ARN, "cloud.region": "us-east-1"},
            {"function": "orders", "region": "us-east-1"}),
        ({"cloud.resource_id": AZURE}, {"function": "ship", "account_id": "s-1"}),
        ({"cloud.resource.id": AZURE.lower()}, {"function": "ship", "account_id": "s-1"}),
        ({"cloud.resource_id": AZURE.rsplit("/functions", 1)[0], "service.name": "APP"},
            {"function": "APP"}),
        ({"cloud.resource_id": GCP},
            {"function": "ship", "region": "europe-west1", "platform": "gcp_cloud_run"}),
        ({"aws.log.group.names": ["/aws/lambda/ship"]}, {"function": "ship"}),
        ({"aws.cloudwatch.log_group_name": "/aws/lambda/us-east-1.ship"}, {"function": "ship"}),
        ({"faas.invoked_provider": "aws", "faas.invoked_region": "eu-west-1"},
            {"provider": "aws", "platform": "aws_lambda", "region": "eu-west-1"}),
        ({"cloud.platform": "azure_functions"}, {"platform": "azure.functions"}),
        ({"cloud.platform": "azure.functions"}, {"platform": "azure.functions"}),
        ({"faas.version": "17", "service.version": "1.2"}, {"version": "17"}),
        ({"service.instance.id": "i"}, {"instance": "i"}),
        ({"cloud.platform": "aws_lambda", "cloud.account.id": 12},
            {"platform": "aws_lambda", "account_id": "12"}),
        ({}, {"service": None, "function": None, "memory_bytes": None, "entity_refs": None}),
    ],
)  # fmt: skip
def test_a_resource_says_who_sent_it(named: dict[str, Any], expected: dict[str, Any]) -> None:
    """The function is faas.name, else in a resource id or log group, else service.name."""
    row = read(named)

    assert {column: row[column] for column in expected} == expected


@pytest.mark.parametrize(
    ("sent", "memory_bytes"),
    [
        (536_870_912, 536_870_912),
        (512, 536_870_912),
        ("512", 536_870_912),
        (65_535, 65_535 * 1_048_576),
        (65_536, 65_536),
        ("536870912", 536_870_912),
        (0, None),
        (-1, None),
        ("much", None),
        (float("inf"), None),
        ("1e400", None),
    ],
)
def test_memory_is_bytes_whatever_was_sent(sent: Any, memory_bytes: int | None) -> None:
    """Detectors send megabytes as number or text; the attribute stays as it came."""
    row = read({"faas.max_memory": sent})

    assert row["memory_bytes"] == memory_bytes
    assert row["attributes"][0]["key"] == "faas.max_memory"


def test_the_same_content_has_the_same_id() -> None:
    """Equal resources are one row whoever sends them; another schema URL is another resource."""
    same = Resource(attributes=attributes({"service.name": "s"}))
    other = Resource(attributes=attributes({"service.name": "t"}))
    groups = [
        resource_group(span(), resource=same),
        resource_group(span(), resource=same),
        resource_group(span(), resource=other),
        resource_group(span(), resource=same, schema_url="https://example.com/1"),
    ]

    ids = [row["resource_id"] for row in rows(*groups)]

    assert len(ids) == len(set(ids)) == 3
    assert [row["resource_id"] for row in rows(groups[0])] == ids[:1]


def test_entity_references_are_kept_as_json() -> None:
    """Which attributes identify the entities of a resource is not lost."""
    sent = Resource(entity_refs=[{"type": "service", "id_keys": ["service.name"]}])

    (row,) = rows(resource_group(span(), resource=sent))

    assert row["entity_refs"] == (
        '[{"schema_url":"","type":"service","id_keys":["service.name"],"description_keys":[]}]'
    )


def test_resources_of_rejected_records_are_not_stored() -> None:
    """A row of resources stands for something that was kept."""
    kept = resource_group(span(), resource=Resource(attributes=attributes({"service.name": "s"})))
    lost = resource_group(span(start_ns=1), resource=Resource())

    assert [row["service"] for row in rows(lost, kept)] == ["s"]
