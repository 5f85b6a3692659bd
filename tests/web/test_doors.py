"""What comes through the doors of AWS, as the pages and the counters tell of it."""

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.decode.aws.test_lambda_telemetry import BATCH
from tests.decode.aws.vectors import START_LINE, TWO_METRICS, delivery
from tests.web.serving import Web
from web.snippets import CLOUDFORMATION, FILES, TERRAFORM, file_text


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    web = Web(tmp_path)
    yield web
    web.stop()


def post(web: Web, path: str, body: bytes | str) -> int:
    connection = http.client.HTTPConnection(urlsplit(web.service.endpoints.http).netloc)
    connection.request("POST", path, body, {"X-Amz-Firehose-Request-Id": "id-1"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_status_and_counters_tell_of_each_door(web: Web) -> None:
    """Requests by door and content, records by signal, and what nobody could read."""
    assert post(web, "/firehose", delivery([TWO_METRICS, START_LINE, "***"])) == 200
    assert post(web, "/lambda/telemetry", BATCH) == 200
    web.service.writer.wait_visible(10)
    counters, page = web.client.get("/metrics").text, web.client.get("/status").text

    assert (
        'lockstitch_requests_total{outcome="partial",protocol="firehose",signal="logs and metrics"}'
        " 1.0" in counters
    )
    assert (
        'lockstitch_requests_total{outcome="ok",protocol="lambda telemetry",signal="logs"} 1.0'
        in counters
    )
    assert (
        'lockstitch_unreadable_parts_total{protocol="firehose",reason="bad_base64"} 1.0' in counters
    )
    assert 'lockstitch_records_stored_total{signal="logs"} 6.0' in counters
    assert 'lockstitch_records_waiting{signal="logs"} 0.0' in counters
    assert "unreadable: bad base64" in page
    assert "logs and metrics" in page


@pytest.mark.parametrize("name", FILES)
def test_templates_are_shown_and_downloaded_as_they_are(web: Web, name: str) -> None:
    """The Setup page shows what the link gives."""
    answer = web.client.get(f"/setup/files/{name}")
    page = web.client.get("/setup?for=aws").text

    assert answer.text == file_text(name)
    assert name in answer.headers["content-disposition"]
    assert f'href="/setup/files/{name}"' in page
    assert "opentelemetry1.0" in page


def test_there_are_no_other_files(web: Web) -> None:
    """Nothing else of the disk is served."""
    assert web.client.get("/setup/files/snippets.py").status_code == 404
    assert web.client.get("/setup/files/..%2Fsnippets.py").status_code == 404


def test_the_stack_refers_to_nothing_that_it_does_not_define() -> None:
    """Parameters, resources, the loop's own name, and what AWS gives."""
    stack = file_text(CLOUDFORMATION)
    defined = set(re.findall(r"^  (\w+):$", stack, re.MULTILINE))
    used = set(re.findall(r"!(?:Ref|GetAtt) ([\w:]+)|[$&]\{(\w+)", stack))
    names = {first or second for first, second in used}

    assert names - defined == {"Function", "AWS::AccountId"}
    assert {"EndpointUrl", "AccessKey", "Functions", "FilterPattern", "Environment"} <= names


def test_both_templates_deliver_the_same() -> None:
    """Format, namespaces, buffers, compression, and what is kept of what fails."""
    stack, terraform = file_text(CLOUDFORMATION), file_text(TERRAFORM)
    pairs = [
        (r"OutputFormat: (\S+)", r'output_format\s+= "(.+)"'),
        (r"IntervalInSeconds: (\d+)", r"buffering_interval\s+= (\d+)"),
        (r"SizeInMBs: (\d+)", r"buffering_size\s+= (\d+)"),
        (r"DurationInSeconds: (\d+)", r"retry_duration\s+= (\d+)"),
        (r"S3BackupMode: (\S+)", r's3_backup_mode\s+= "(.+)"'),
        (r"ContentEncoding: (\S+)", r'content_encoding\s+= "(.+)"'),
        (r"ExpirationInDays: (\d+)", r"days\s+= (30)"),
        (r"- Namespace: (\S+)", r'^      "(AWS/\w+)",$'),
        (r"Service: (\S+) \}", r'= "(\S+\.amazonaws\.com)"'),
    ]

    for one, other in pairs:
        found = re.findall(one, stack)
        assert found
        assert found == re.findall(other, terraform, re.MULTILINE)
