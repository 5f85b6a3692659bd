"""The recorded stories show as the business events they were made of."""

from typing import Any, Final

import pytest

from tests.sample_data.captured import expected, recorded
from tests.web.serving import Web
from web.stories import Story, stories

each_story = pytest.mark.parametrize("story", recorded(), ids=lambda story: story.name)

# Attempts of which nothing that arrived names the event: payments that timed out without a word,
# notifications given up that logged only the refusal, and documents of a batch that timed out
# before it came to them.
UNTOLD: Final = {
    ("payment", "1243c0d3-4319-4863-86ad-f91b7464471a"),
    ("payment", "eceb8b14-f886-4cde-a5ca-de4730e434a3"),
    ("payment", "da027285-6abe-4df5-a054-0c2f293cbefe"),
    ("notify", "2dd48a1e-6e6e-436c-b344-bc69b1620e6c"),
    ("notify", "88f09298-b58d-472c-bcab-ce2234fd0440"),
    ("ocr", "e0106763-ab09-41dd-bec6-27acb41d65e0"),
}


def listed(web: Web) -> list[dict[str, Any]]:
    """Every event trace, page by page."""
    found: list[dict[str, Any]] = []
    cursor = None
    while cursor or not found:
        page = web.get(
            "/event-traces",
            since="2000-01-01T00:00:00Z",
            until="2100-01-01T00:00:00Z",
            limit=500,
            **({"cursor": cursor} if cursor else {}),
        )
        found += page["event_traces"]
        cursor = page["next_cursor"]
    return found


@each_story
def test_every_business_event_is_one_event_trace(story: Story, web: Web) -> None:
    """All traces of an event are in one event trace, and no trace of another event is."""
    held = [set(each["trace_ids"]) for each in listed(web)]
    around = around_batches(story)
    apart = []
    for event_id, truth in expected(story)["events"].items():
        traces = set(truth["trace_ids"])
        best = max(held, key=lambda each: len(each & traces))
        told = all((function, request) not in UNTOLD for function, request, *_ in truth["attempts"])
        if best - traces or (told and traces - best - around):
            apart.append((event_id, truth["outcome"], traces ^ best))

    assert apart == []


def around_batches(story: Story) -> set[str]:
    """Traces the Java agent makes around a handler that took a batch: they are of no message."""
    return {
        trace_id
        for attempt in expected(story)["attempts"]
        if len(attempt["messages"]) > 1
        for trace_id in attempt.get("other_trace_ids", ())
    }


@each_story
def test_an_event_trace_shows_every_attempt(story: Story, web: Web) -> None:
    """Function and request id of each attempt, and nobody else's; every eighth event is opened."""
    wrong = []
    for truth in list(expected(story)["events"].values())[::8]:
        attempts = {(function, request) for function, request, *_ in truth["attempts"]}
        told = event_trace(web, truth["attempts"][0][1])
        shown = {(each["function"], each["invocation_id"]) for each in told["deliveries"]}
        if shown - UNTOLD != attempts - UNTOLD:
            wrong.append((told["event_trace_id"], attempts ^ shown))

    assert wrong == []


def test_what_the_java_agent_tells_more_than_once_happened_once(web: Web) -> None:
    """A delivery an attempt, in a batch too, nothing repeated; those with a span are counted."""
    truth = expected(next(story for story in recorded() if story.name == "java-orders"))
    spanned = {each["request_id"] for each in truth["attempts"] if each["own_span"]}
    batched = [each for each in truth["attempts"] if len(each["messages"]) > 1]

    assert len(batched) >= 3
    for event in truth["events"].values():
        told = event_trace(web, event["attempts"][0][1])
        shown = [(each["function"], each["invocation_id"]) for each in told["deliveries"]]
        assert sorted(shown) == sorted((function, id_) for function, id_, *_ in event["attempts"])
        assert told["duplicate_count"] == 0
        assert told["invocation_count"] == sum(id_ in spanned for _, id_, *_ in event["attempts"])


def event_trace(web: Web, request_id: str) -> dict[str, Any]:
    """The event trace of an invocation that served one event alone."""
    matches = web.get("/lookup", id=request_id)["matches"]
    (found,) = {match["event_trace_id"] for match in matches}
    answer: dict[str, Any] = web.get(f"/event-traces/{found}")
    return answer


def test_the_poison_document_is_dead_lettered_after_three_receives(web: Web) -> None:
    """Its message was received three times, failed each time, and lies in the DLQ."""
    story = next(story for story in stories() if story.name == "document-pipeline")
    (dead,) = expected(story)["dead_letters"]
    (match, *_) = web.get("/lookup", id=dead["message_id"])["matches"]
    told = web.get(f"/event-traces/{match['event_trace_id']}")

    assert told["status"] == "dead_lettered"
    assert told["retry_count"] == 2


def test_most_orders_are_well_and_the_retried_ones_say_so(web: Web) -> None:
    """Compensated orders end well too; nine messages came again, and asynchronous retries."""
    orders = [each for each in listed(web) if each["root_function"] == "orders-api"]

    assert {each["status"] for each in orders} == {"ok"}
    assert sum(each["retry_count"] > 0 for each in orders) >= 12
