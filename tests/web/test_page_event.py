"""The page of one event trace: what it shows, what its links say, what its file holds."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Final

import pytest

from collector.model.event_trace import EventTrace
from tests.web.event_build import Story, large, order
from tests.web.telemetry import HOSTILE, PAYLOADS
from web.assets import Assets
from web.blocks import blocks
from web.pages.event import State, file_of, page_of
from web.render import Frame, Pages
from web.selection import select
from web.urls import Range

PAGES: Final = Pages(Assets())
FRAME: Final = Frame("Event", "events", Range(), "/events/5a6a000000000001", "", "token", False)


def _state(event: EventTrace, **query: str) -> State:
    return State.of(query, event.summary.event_trace_id, Range())


def _html(event: EventTrace, block: str | None = None, **query: str) -> str:
    return PAGES.html("event", page_of(event, _state(event, **query)), FRAME, block)


def _file(event: EventTrace) -> str:
    sheets = [PAGES.stylesheet(name) for name in ("app.css", "event.css")]
    return PAGES.html("event_file", file_of(event, sheets), FRAME)


def _elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    """Every start tag with its attributes, as a browser reads them."""
    found: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    Reader().feed(text)
    return found


def _hostile() -> EventTrace:
    """Markup, scripts, right-to-left and endless text wherever an event trace has text."""
    story = Story()
    for number, text in enumerate((*PAYLOADS, HOSTILE), 1):
        name = f"d{number}"
        story.delivery(name, text, number, number + 5, part=number, queue=text, message_id=text,
                       invocation_id=text, attempts=2)  # fmt: skip
        span = story.span(text, text, number, 4, part=number, delivery=name, error=text,
                          attributes={text: text, "list": [text]})  # fmt: skip
        story.wait("queue_wait", text, number - 1, number, name)
        story.log(text, text, number, span)
        story.joint(number, number + 1, "correlation id", text, 0.8)
    return story.told(HOSTILE, correlation_ids=(HOSTILE,), root_function=HOSTILE)


def test_the_page_says_the_sentence_and_names_every_function() -> None:
    """With outcome, ids to copy, waits, joints, logs and ignored keys."""
    text = _html(order())

    assert "41.2 s end to end, of which 12.4 s waiting in orders-q" in text
    for words in (
        "orders-worker",
        "mail-alarm",
        "card issuer answered 503",
        "checkout",
        "ord-1042",
    ):
        assert words in text
    assert 'data-copy="5a6a000000000001"' in text
    assert "12.4 s waiting in orders-q</title>" in text


def test_the_page_and_each_of_its_blocks_is_small() -> None:
    """At most 150 kB with 2,000 spans, folded, unfolded, and with one of them selected."""
    event = large()

    for query in ({}, {"open": "all"}, {"sel": f"s.{0xA000 + 700:016x}"}):
        assert len(_html(event, **query).encode()) <= 150_000, query


def test_a_selection_is_shown_in_full() -> None:
    """Span, delivery, joint, wait and phantom; each is a link that needs no JavaScript."""
    event = order()

    assert "Find event traces with this value" in _html(event, "detail", sel=f"s.{0xA000:016x}")
    assert "Why joined?" in _html(event, "detail", sel="d.pay-1")
    joint = _html(event, "detail", sel=f"j.{2:016x}.{3:016x}")
    assert "that they do is inferred" in joint
    assert "ord-1042" in joint
    assert "Nobody worked on it" in _html(event, "detail", sel="w.in-worker.queue_wait")
    assert "Never arrived" in _html(event, "detail", sel=f"p.{4:016x}.53995c3f42cd8ad8")


def test_what_is_no_longer_there_is_explained() -> None:
    """Late data may have changed what a link of yesterday selects."""
    assert "no longer part of this event" in _html(order(), "detail", sel="d.gone")
    assert select(order(), blocks(order()), "s.zzz") is None


def test_every_state_is_a_link_and_comes_back_from_it() -> None:
    """Selection, unfolded blocks, path, confidence, zoom and the shortened axis."""
    state = State(
        "5a6a000000000001",
        Range("-6h"),
        selected="d.pay-1",
        opened=frozenset({"pay-1", "ship"}),
        path_only=True,
        min_confidence=0.85,
        zoom="ship",
        short=True,
    )
    query = {name: str(value) for name, value in state.params().items() if value is not None}

    assert State.of(query, state.event_trace_id, Range("-6h")) == state
    assert state.unfold([]).startswith("/events/5a6a000000000001?sel=d.pay-1&open=none&path=1")
    assert "sel=s.00aa" in state.select("00aa")


@pytest.mark.parametrize("text", ["x", "-1", "7", "nan", ""])
def test_a_confidence_that_is_none_hides_nothing_or_all(text: str) -> None:
    """It is cut to 0 to 1."""
    assert 0 <= State.of({"min_confidence": text}, "a", Range()).min_confidence <= 1


def test_hostile_text_is_text() -> None:
    """On the page, in every panel, and in the file."""
    event = _hostile()
    pages = [_html(event), _file(event)]
    pages += [_html(event, "detail", sel=f"s.{0xA000 + n:016x}") for n in range(7)]
    pages += [_html(event, "detail", sel=f"d.d{n}") for n in range(1, 8)]

    for text in pages:
        for tag, attributes in _elements(text):
            assert tag not in ("img", "iframe", "object"), tag
            assert not any(name.startswith("on") for name in attributes)
            assert not (attributes.get("href") or "").startswith("javascript")
        assert "<script>" not in text


def test_no_element_carries_style_or_script() -> None:
    """The policy forbids both."""
    for tag, attributes in _elements(_html(order(), sel="d.pay-1")):
        assert "style" not in attributes
        assert tag != "style"
        assert tag != "script" or attributes["src"]


def test_the_file_stands_alone() -> None:
    """Styles inside, no script, no link, nothing fetched, everything of the event unfolded."""
    text = _file(order())

    assert re.findall(r"<(?:script|link|img|iframe|form|a)\b", text) == []
    assert re.search(r"(?:src|href|action)=", text) is None
    assert re.search(r"url\((?!['\"]?#)", text) is None
    assert "@import" not in text
    assert "POST api.cards.example/charge" in text
    assert "card issuer answered 503" in text
    assert text.count('class="wf-row') >= 17


def test_an_event_of_log_records_alone_shows_them() -> None:
    """Nothing is drawn where nothing is known."""
    story = Story()
    story.log("said alone", "orders-api", 0, None)
    text = _html(story.told("no span of it has arrived"))

    assert "said alone" in text
    assert "only log records" in text


def test_a_truncated_event_says_so() -> None:
    """How many of its spans are shown."""
    event = replace(order(), truncated=True)

    assert "larger than a page can hold" in _html(event)
