"""The recorded stories show as the business events they were made of."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sample_data.captured import expected
from tests.web.serving import Web
from web.sending import Sender
from web.stories import Story, stories

each_story = pytest.mark.parametrize("story", stories(), ids=lambda story: story.name)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A collector that has received both stories as they were recorded."""
    running = Web(tmp_path_factory.mktemp("stories"), retention_days=100_000)
    with Sender(running.service.endpoints.http) as sender:
        for story in stories():
            for signal, body in story.requests():
                sender.send(signal, body)
    yield running
    running.stop()


def event_trace(web: Web, an_id: str) -> dict[str, Any]:
    """The one event trace an id belongs to."""
    found = {match["event_trace_id"] for match in web.get("/lookup", id=an_id)["matches"]}
    assert len(found - {None}) == 1, (an_id, found)
    answer: dict[str, Any] = web.get(f"/event-traces/{(found - {None}).pop()}")
    return answer


@each_story
def test_every_business_event_is_exactly_one_event_trace(story: Story, web: Web) -> None:
    """Each event's traces are in one event trace, with no attempt of another event in it."""
    events = expected(story)["events"]
    wrong = []
    for event_id, truth in events.items():
        told = event_trace(web, event_id)
        attempts = {(function, request) for function, request, *_ in truth["attempts"]}
        shown = {(each["function"], each["invocation_id"]) for each in told["deliveries"]}
        if set(told["trace_ids"]) != set(truth["trace_ids"]) or shown != attempts:
            wrong.append((event_id, attempts ^ shown))

    assert wrong == []


def test_the_poison_document_is_dead_lettered_after_three_receives(web: Web) -> None:
    """Its message was received three times, failed each time, and lies in the DLQ."""
    story = next(story for story in stories() if story.name == "document-pipeline")
    (dead,) = expected(story)["dead_letters"]
    told = event_trace(web, dead["message_id"])

    assert told["status"] == "dead_lettered"
    assert told["retry_count"] == 2
