"""How services spell what ties an event, sent as they send it: through intake, store and stitcher.

Each function belongs to one event, whose name ends its own: what is stitched together must be just
the functions of one event.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest

from collector.batch import Signal
from collector.service import Pipeline
from collector.settings import Settings
from tests.build import NOW_NS, Request, export_request, log, resource, resource_group, span

MS = 1_000_000
HTTP = {"faas.trigger": "http"}
GOOGLE = "projects/p/locations/l/workflows/w/executions/"
SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5


def uuid(name: str) -> str:
    """A UUID that is always the same for a name."""
    return str(uuid5(NAMESPACE_OID, name))


def ran(function: str, at_ms: int = 0, kind: int = SERVER, **said: Any) -> Request:
    """A trace of one span of a function; ``trace`` names its trace id."""
    trace = uuid5(NAMESPACE_OID, said.pop("trace", function)).bytes
    attributes = {key.replace("__", "."): value for key, value in said.items()}
    record = span(function, trace_id=trace, start_ns=NOW_NS + at_ms * MS, kind=kind,
                  attributes=attributes)  # fmt: skip
    return _of(function, record)


def told(function: str, body: Any, at_ms: int = 500, **attributes: Any) -> Request:
    """A line that a function logs, as JSON or as text."""
    text = body if isinstance(body, str) else json.dumps(body)
    return _of(function, log(text, time_ns=NOW_NS + at_ms * MS, attributes=attributes))


def _of(function: str, record: Any) -> Request:
    named = resource(**{"service.name": function, "faas.name": function})
    return export_request(resource_group(record, resource=named))


def dynamodb_stream(event: str) -> Iterator[Request]:
    """The image of an item holds the correlation id, in the stream's typed form."""
    yield ran(f"ddb-api-{event}", correlation_id=f"c-{event}-1000", **HTTP)
    image = {"correlationId": {"S": f"c-{event}-1000"}}
    record = {"dynamodb": {"NewImage": image}, "eventName": "INSERT"}
    yield told(f"ddb-stream-{event}", {"requestId": uuid(event), "Records": [record]})


def sqs_attributes(event: str) -> Iterator[Request]:
    """A message attribute carries the trace context, and only a log line shows it."""
    yield ran(f"sqs-api-{event}", **HTTP)
    context = f"00-{uuid5(NAMESPACE_OID, f'sqs-api-{event}').hex}-00000000000000aa-01"
    attribute = {"traceparent": {"stringValue": context, "dataType": "String"}}
    record = {"messageId": uuid(f"m{event}"), "messageAttributes": attribute}
    yield told(f"sqs-worker-{event}", {"requestId": uuid(event), "Records": [record]})


def lambda_destination(event: str) -> Iterator[Request]:
    """What a destination is told names the request that failed."""
    request = uuid(f"r{event}")
    yield ran(f"dest-failing-{event}", faas__invocation_id=request)
    context = {"requestId": request, "condition": "RetriesExhausted"}
    body = {"requestId": uuid(f"d{event}"), "message": {"requestContext": context}}
    yield told(f"dest-{event}", body)


def lambda_lines(event: str) -> Iterator[Request]:
    """A function that prints plain text, invoked by one that knows its request id."""
    request = uuid(f"p{event}")
    yield ran(f"plain-caller-{event}", kind=CLIENT, faas__execution=request)
    yield told(f"plain-{event}", f"[INFO]\t2026-11-20T15:00:12.100Z\t{request}\tworking")


def google_workflow(event: str) -> Iterator[Request]:
    """The API answers with the whole name of an execution, its steps know the id."""
    yield told(
        f"flow-api-{event}",
        {"requestId": uuid(event), "execution": {"name": GOOGLE + uuid(f"x{event}")}},
    )
    yield ran(f"flow-step-{event}", workflow__execution_id=uuid(f"x{event}"))


def openfaas(event: str) -> Iterator[Request]:
    """The gateway answers with the id of an asynchronous call, the function is given it."""
    call = {"http.response.header.x-call-id": [uuid(f"call{event}")]}
    yield ran(f"gateway-{event}", **call)
    yield ran(f"openfaas-{event}", 300, **{"http.request.header.x-call-id": [uuid(f"call{event}")]})


def proxies(event: str) -> Iterator[Request]:
    """A proxy gives each request an id, which services hand on."""
    for place, name in enumerate(("edge", "service")):
        header = {"http.request.header.x-request-id": [uuid(f"req{event}")]}
        yield ran(f"{name}-{event}", 100 * place, **header)


def numbered_events(event: str) -> Iterator[Request]:
    """Each source counts its CloudEvents, so two events have one number."""
    named = {"cloudevents.event_source": f"/{event}", "cloudevents.event_id": "1234567890"}
    yield ran(f"emits-{event}", kind=PRODUCER, **named)
    yield ran(f"handles-{event}", 300, kind=CONSUMER, **named)


def cloudflare_queue(event: str) -> Iterator[Request]:
    """A consumer names the message's correlation id in its log alone."""
    yield told(f"worker-{event}", {"correlationId": uuid(f"cf{event}"), "requestId": uuid(event)})
    yield told(f"queue-{event}", {"correlationId": uuid(f"cf{event}"), "msg": "handled"}, 900)


SERVICES: list[Callable[[str], Iterator[Request]]] = [
    dynamodb_stream,
    sqs_attributes,
    lambda_destination,
    lambda_lines,
    google_workflow,
    openfaas,
    proxies,
    numbered_events,
    cloudflare_queue,
]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """The event trace of each function, after two events of every service."""
    pipeline = Pipeline(Settings(db=tmp_path_factory.mktemp("spellings") / "a.duckdb"))
    requests = [each for name in "ab" for service in SERVICES for each in service(name)]
    return dict(asyncio.run(_stitched(pipeline, requests)))


async def _stitched(pipeline: Pipeline, requests: list[Request]) -> list[tuple[str, int]]:
    """Function and event trace of each fragment, once everything is stitched."""
    await pipeline.start()
    for request in requests:
        body = request.SerializeToString()
        signal = Signal.TRACES if "Trace" in type(request).__name__ else Signal.LOGS
        await pipeline.intake.accept(signal, body, await pipeline.intake.admit(len(body)))
    assert pipeline.writer.wait_visible(60)
    assert pipeline.stitcher.wait_reached(60)
    question = "select function, event_trace_id from fragments where event_trace_id is not null"
    rows = pipeline.database.read(lambda cursor: cursor.execute(question).fetchall())
    await pipeline.stop()
    return rows


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.__name__)
def test_a_service_s_spelling_ties_one_event_and_no_other(
    events: dict[str, int], service: Callable[[str], Iterator[Request]]
) -> None:
    """Both events of a service are whole, and apart."""
    names = [_functions(service(event)) for event in "ab"]
    found = [{events[function] for function in functions} for functions in names]

    assert [len(each) for each in found] == [1, 1]
    assert found[0] != found[1]


def _functions(requests: Iterator[Request]) -> set[str]:
    return {
        attribute.value.string_value
        for request in requests
        for group in (getattr(request, "resource_spans", None) or request.resource_logs)
        for attribute in group.resource.attributes
        if attribute.key == "faas.name"
    }
