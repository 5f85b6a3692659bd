"""Overview, Functions, Function, Queues and Queue, from telemetry sent as functions send it."""

import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build import export_request, log, resource_group, span
from tests.web import health_telemetry, telemetry
from tests.web.serving import Web

HTMX = {"HX-Request": "true"}
PAGES = ["/", "/functions", "/functions/payment", "/queues", "/queues/orders-q-dlq"]
MINUTE_NS = 60_000_000_000


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, stopped_clock: int) -> Iterator[Web]:
    """The shop's last hour."""
    served = Web(tmp_path_factory.mktemp("shop"))
    served.send(*health_telemetry.everything(stopped_clock))
    yield served
    served.stop()


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory, stopped_clock: int) -> Iterator[Web]:
    """One order of the shop that was given up, without any metric; and hostile telemetry."""
    served = Web(tmp_path_factory.mktemp("silent"))
    served.send(
        *health_telemetry.order(health_telemetry.LOST[0], stopped_clock - 4 * MINUTE_NS),
        *telemetry.hostile(stopped_clock - 3 * MINUTE_NS),
    )
    yield served
    served.stop()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A log record of three hours ago, and nothing since."""
    served = Web(tmp_path_factory.mktemp("quiet"))
    served.send(export_request(log("hello", time_ns=time.time_ns() - 180 * MINUTE_NS)))
    yield served
    served.stop()


def _text(web: Web, path: str, **headers: str) -> str:
    """The page without its markup's line breaks."""
    answer = web.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


def _words(html: str) -> str:
    """What a person reads of it."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def _tile(web: Web, label: str) -> str:
    text = _text(web, "/")
    return next(tile for tile in re.findall(r'<a class="tile.*?</a>', text) if label in tile)


def _row(text: str, name: str) -> str:
    """The row of a table that leads to a function or queue."""
    return next(row for row in re.findall(r"<tr>.*?</tr>", text) if f'/{name}"' in row)


def _names(text: str) -> list[str]:
    rows = re.findall(r'<td class="wide"><a class="main-link" href="/functions/([\w-]+)"', text)
    return list(dict.fromkeys(rows))


# Overview


def test_the_first_page_is_setup_until_anything_is_stored(tmp_path: Path) -> None:
    """Then it is the overview; the range stays."""
    web = Web(tmp_path)
    before = web.client.get("/?since=-6h")
    web.send(export_request(span("one", start_ns=time.time_ns() - MINUTE_NS)))
    after = web.client.get("/")
    web.stop()

    assert (before.status_code, before.headers["location"]) == (303, "/setup?since=-6h")
    assert "<h1>Overview</h1>" in after.text


def test_the_cold_start_tile_says_of_how_many_starts_it_knows(web: Web) -> None:
    """Of a function known by metrics alone no start is."""
    words = _words(_tile(web, "Cold-start rate"))

    assert re.search(r"Cold-start rate [\d.]+ % ", words)
    assert re.search(r"known of [\d.]+ %: \d+ starts", words)


def test_the_throttle_tile_counts_calls_and_names_the_worst(web: Web) -> None:
    """It leads to the functions, most throttled first; its bars are drawn by the server."""
    tile = _tile(web, "Throttles")

    assert "500" in _words(tile)
    assert "most: payment" in tile
    assert 'href="/functions?sort=throttles"' in tile
    assert tile.count("M5") >= 8  # bars of the last of sixty steps


def test_the_dlq_tile_tells_both_ages(web: Web) -> None:
    """Since it was given up, and since it was first sent; it leads to the queue."""
    tile = _tile(web, "DLQ age")

    assert re.search(r"DLQ age 48 min .* first sent \d+ min( \d+ s)? ago", _words(tile))
    assert "3 messages in 1 queue" in tile
    assert 'href="/queues/orders-q-dlq"' in tile


def test_a_cost_that_is_not_known_is_unknown_with_its_reason(empty: Web) -> None:
    """Never zero."""
    words = _words(_text(empty, "/costs/tile", **HTMX))

    assert "unknown nothing in this range told what was billed" in words
    assert "$" not in words


def test_what_needs_attention_says_what_how_much_and_since_when(web: Web) -> None:
    """The dead-letter queue and the throttled function; who is well is not listed."""
    text = _text(web, "/")
    concerns = re.findall(r'<li class="(?:bad|warn)">.*?</li>', text)
    words = [_words(each) for each in concerns]

    assert "2 need attention" in _words(text)
    assert words[0].startswith("orders-q-dlq holds 3 messages given up since")
    assert re.match(r"payment [\d.]+ % throttled \(500 calls\) since \d\d:\d\d UTC ;", words[1])
    assert "of 35 invocations failed" in words[1] or "of 36 invocations failed" in words[1]
    assert 'status=dead_lettered">3 event traces dead-lettered' in concerns[1]


def test_outcomes_are_a_chart_with_a_table_behind_it(web: Web) -> None:
    """Both tell of all event traces."""
    text = _text(web, "/")
    table = text.split("Figures of this chart")[1].split("</table>")[0]
    figures = [int(each) for each in re.findall(r'<td class="right">(\d+)</td>', table)]
    total = int(re.search(r"<h2>(\d+) event traces, 3 dead-lettered", text)[1])  # type: ignore[index]

    assert sum(figures) == total
    assert total >= health_telemetry.ORDERS - 1
    assert '"name": "dead-lettered"' in text


def test_the_newest_failures_lead_to_their_event_traces(web: Web) -> None:
    """All three orders that were given up."""
    section = _text(web, "/").split("Newest failed event traces")[-1]

    assert len(re.findall(r'href="/events/[0-9a-f]{16}"', section)) == len(health_telemetry.LOST)


def test_a_quiet_range_says_what_would_be_here(empty: Web) -> None:
    """And offers a longer one and the setup."""
    text = _text(empty, "/")

    assert "Nothing happened in the last 1 h" in text
    assert 'href="/?since=-14d"' in text
    assert 'href="/setup"' in text


def test_dead_letters_of_a_silent_queue_are_told(silent: Web) -> None:
    """No metric, no name of the dead-letter queue: since when it was sent is known all the same."""
    tile, text = _tile(silent, "DLQ age"), _text(silent, "/")

    assert "since first sent; since given up: unknown" in tile
    assert "1 event trace ended in one" in tile
    assert "orders-q messages were given up; first sent 4 min" in _words(text).replace(" ;", ";")


# Functions


def test_the_list_says_what_is_known_of_each_function(web: Web) -> None:
    """With sparklines; what is not known is unknown with a reason, never zero or a dash."""
    text = _text(web, "/functions")
    payment, report = _row(text, "functions/payment"), _row(text, "functions/report")

    assert payment.count('class="spark') == 2
    assert "500" in payment
    assert 'title="480 MB of 512 MB"' in payment
    assert report.count('class="unknown"') == 5  # cold starts, p50, p95, p99, memory
    assert 'title="of no invocation it is known whether it started cold' in report
    assert "by metrics" in report


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["payment", "report", "checkout"]),
        ("sort=invocations", ["report", "payment", "checkout"]),
        ("sort=-invocations", ["checkout", "payment", "report"]),
        ("sort=name", ["checkout", "payment", "report"]),
        ("sort=-name", ["report", "payment", "checkout"]),
        ("sort=p95", ["payment", "checkout", "report"]),
        ("sort=-p95", ["checkout", "payment", "report"]),
        ("sort=memory", ["payment", "checkout", "report"]),
        ("q=PAY", ["payment"]),
        ("q=eu-central+check", ["checkout"]),
        ("only=errors", ["payment"]),
        ("only=throttled", ["payment"]),
        ("only=metrics", ["report"]),
    ],
)
def test_filters_and_order_are_in_the_address(web: Web, query: str, names: list[str]) -> None:
    """Unknown figures come last either way."""
    assert _names(_text(web, f"/functions?{query}")) == names


def test_headings_turn_the_order_round(web: Web) -> None:
    """A second click shows the least first, and says so to everyone."""
    text = _text(web, "/functions?sort=p95&q=a")

    assert 'aria-sort="descending"><a href="/functions?q=a&amp;sort=-p95"' in text
    assert 'aria-sort="ascending"' in _text(web, "/functions?sort=-p95")


@pytest.mark.parametrize("query", ["sort=size", "only=odd", "page=x", "since=odd"])
def test_what_cannot_be_read_is_explained(web: Web, query: str) -> None:
    """A page with a sentence."""
    answer = web.client.get(f"/functions?{query}")

    assert answer.status_code == 400
    assert "Traceback" not in answer.text


def test_filters_that_match_nothing_can_be_cleared(web: Web) -> None:
    """And a range without functions offers a longer one and the setup."""
    assert "Clear the filters" in _text(web, "/functions?q=nobody")
    text = _text(web, "/functions?since=-4h&until=-3h")
    assert 'href="/functions?since=-14d"' in text
    assert 'href="/setup?since=-4h&amp;until=-3h"' in text


def test_a_page_of_the_list_is_small_and_leads_to_the_next(tmp_path: Path) -> None:
    """Eighty functions with names of 100 characters: at most 150 kB, each function once."""
    web = Web(tmp_path)
    now_ns = time.time_ns()
    names = [f"function-{number:02d}-{'x' * 88}" for number in range(80)]
    for minute in (2, 9, 31):
        ids = [(uuid.uuid4().bytes, str(uuid.uuid4())) for _ in names]
        groups = [
            resource_group(
                span(name, trace_id=trace, id=trace[:8], start_ns=now_ns - minute * MINUTE_NS,
                     attributes={"faas.coldstart": True, "faas.invocation_id": invocation}),
                resource=health_telemetry.function(name),
            )
            for name, (trace, invocation) in zip(names, ids, strict=True)
        ]  # fmt: skip
        web.send(export_request(*groups))
    first = web.client.get("/functions?sort=name")
    second = web.client.get("/functions?sort=name&page=2")
    web.stop()

    assert max(len(first.content), len(second.content)) <= 150_000
    assert 'class="button" href="/functions?sort=name&amp;page=2"' in first.text
    shown = _names(" ".join((first.text + second.text).split()))
    assert shown == names


# Function


def test_the_head_line_says_what_is_worst(web: Web) -> None:
    """And leads to the event traces that failed for it."""
    text = _text(web, "/functions/payment")

    assert re.search(r"<b>[\d.]+ % throttled \(500 calls\)</b> since <time", text)
    assert 'status=dead_lettered">3 event traces dead-lettered</a>.' in text


def test_charts_share_a_time_axis_with_markers_of_versions(web: Web) -> None:
    """Four over time, and one of how long invocations took; the new version is marked in each."""
    text = _text(web, "/functions/payment")

    assert "data-cursor" in text
    assert text.count("data-figure=") == 5
    assert text.count('"text": "18"') == 4
    ranges = re.findall(r'"range": \[(\d{13}), (\d{13})\]', text)
    assert len(ranges) == 4
    assert len(set(ranges)) == 1


def test_a_table_stands_behind_the_charts(web: Web) -> None:
    """A row for each step: what was not told reads unknown."""
    table = _text(web, "/functions/payment").split('id="figures"')[1].split("</table>")[0]
    rows = re.findall(r"<tr><td>.*?</tr>", table)

    assert len(rows) >= 50
    assert sum(int(re.findall(r"right\">(\d+)<", row)[0]) for row in rows) in (35, 36)
    assert "unknown" in table


def test_cold_and_warm_durations_stand_apart(web: Web) -> None:
    """With the initialisations beside them."""
    words = _words(_text(web, "/functions/payment").split("cold and warm apart")[1])

    assert re.search(r"Cold starts [23] ", words)
    assert re.search(r"Other invocations 3[234] ", words)
    assert re.search(r"Initialisation [23] 81\d ms", words)


def test_memory_close_to_the_limit_has_a_hint_with_its_evidence(web: Web) -> None:
    """Marked as an estimate; a function without REPORT lines has the reason instead."""
    payment, report = _text(web, "/functions/payment"), _text(web, "/functions/report")

    assert re.search(r"~ estimate</span> At most 480 MB of 512 MB were used in 3\d inv", payment)
    assert "~640 MB would leave room" in payment
    assert "memory used is told by the platform&#39;s REPORT lines" in report
    assert "Only metrics tell of this function" in report


def test_errors_and_invocations_lead_to_their_event_traces(web: Web) -> None:
    """By type, the slowest, and the newest that failed; and to the logs."""
    text = _text(web, "/functions/payment")
    errors = text.split("<h2>Errors by type</h2>")[1].split("</section>")[0]
    slowest = text.split("<h2>Slowest invocations</h2>")[1].split("</section>")[0]

    assert re.search(r'href="/events/[0-9a-f]{16}"[^>]*><bdi>CardDeclined</bdi>', errors)
    assert len(re.findall(r'href="/events/[0-9a-f]{16}"', slowest)) == 8
    assert 'href="/logs?function=payment"' in text


def test_a_function_nothing_is_known_of_says_so(web: Web) -> None:
    """It may have run at another time."""
    text = _text(web, "/functions/no-such-one")

    assert "Nothing is known of this function here" in text
    assert 'href="/functions/no-such-one?since=-14d"' in text


# Queues


def test_a_queue_stands_beside_its_dead_letter_queue(web: Web) -> None:
    """Depth and both ages; the rate into a dead-letter queue of SQS is unknown."""
    text = _text(web, "/queues")
    pair = re.findall(r'<tbody class="pair">.*?</tbody>', text)[0]
    source, dead = re.findall(r"<tr>.*?</tr>", pair)

    assert "1 dead-letter queue holds 3 messages" in text
    assert 'href="/queues/orders-q"' in source
    assert re.search(r"<b><span[^>]*>3</span></b>.*48 min", dead)
    assert "is counted as sent nowhere" in dead
    assert "/ min" in source


def test_dead_letters_are_grouped_with_ages_and_whether_they_would_pass(web: Web) -> None:
    """The same path has passed since: the counts stand beside the answer."""
    text = _text(web, "/queues/orders-q-dlq")
    words = _words(text.split('aria-label="What ended here"')[1].split("</section>")[0])

    assert "3 event traces ended here, by error" in words
    assert "CardDeclined payment 3" in words
    assert re.search(r"ago sent \d+ min ago", words)
    assert re.search(r"yes 9 passed, 0 failed since", words)
    assert len(re.findall(r'href="/events/[0-9a-f]{16}"', text)) == len(health_telemetry.LOST)


def test_a_redrive_plan_is_commands_to_copy(web: Web) -> None:
    """With the account and region that telemetry told, and a word of caution."""
    text = _text(web, "/queues/orders-q-dlq")
    copied = re.findall(r'data-copy="(aws sqs [^"]+)"', text)

    assert len(copied) == 3
    assert "arn:aws:sqs:eu-central-1:123456789012:orders-q-dlq" in copied[1]
    assert "arn:aws:sqs:eu-central-1:123456789012:orders-q&#34;" in copied[1]
    assert "nothing here runs it" in text


def test_a_queue_over_time_has_its_figures_behind_it(web: Web) -> None:
    """Depth, age, in and out; what a step did not tell reads unknown."""
    text = _text(web, "/queues/orders-q")

    assert text.count("data-figure=") == 3
    assert len(re.findall(r"<tr><td><time", text.split('id="figures"')[1])) >= 50


def test_a_queue_without_metrics_says_what_it_cannot_know(silent: Web) -> None:
    """What was given up from it is told, as its dead-letter queue is silent."""
    text = _text(silent, "/queues/orders-q")

    assert "1 event trace given up, by error" in text
    assert "Depth and age over time are unknown" in text
    assert "derived from the messages" in text


def test_no_queues_says_what_brings_them(empty: Web) -> None:
    """A longer range, or the setup."""
    text = _text(empty, "/queues") + _text(empty, "/queues/none")

    assert "Queues appear when their metrics come" in text
    assert "Nothing is known of this queue here" in text
    assert text.count('href="/setup"') >= 2


# All of them


@pytest.mark.parametrize("path", PAGES)
def test_htmx_is_given_the_results_alone(web: Web, path: str) -> None:
    """The same URL answers a part, which asks again while the range ends now."""
    text = _text(web, f"{path}?live=1", **HTMX)

    assert "<html" not in text
    assert f'hx-get="{path}?live=1" hx-trigger="tick from:document"' in text
    assert "tick from:document" not in _text(web, f"{path}?live=1&until=-1m", **HTMX)


@pytest.mark.parametrize("path", PAGES)
def test_the_navigation_leads_to_each_page_with_its_range(web: Web, path: str) -> None:
    """In the order of an operator's questions."""
    nav = _text(web, f"{path}?since=-6h").split('<nav id="nav"')[1].split("</nav>")[0]

    links = re.findall(r'href="(/[^"?]*)\?since=-6h"', nav)
    assert links[:4] == ["/", "/events", "/functions", "/queues"]
    assert nav.count('aria-current="page"') == 1


def test_hostile_names_are_text_and_their_links_work(silent: Web) -> None:
    """Markup, line breaks, right-to-left and 500 characters, in functions and in queues."""
    lists = [silent.client.get(path).text for path in ("/", "/functions", "/queues")]
    links = {
        link for text in lists for link in re.findall(r'href="(/(?:functions|queues)/[^"]+)"', text)
    }
    pages = [silent.client.get(link.replace("&amp;", "&")) for link in sorted(links)]

    assert len(links) > len(telemetry.PAYLOADS)
    assert {page.status_code for page in pages} == {200}
    shown = "".join(lists) + "".join(page.text for page in pages)
    assert not any(payload in shown for payload in telemetry.PAYLOADS if "<" in payload)
    assert not any("Nothing is known" in page.text for page in pages)


def test_other_pages_lead_to_the_function(web: Web) -> None:
    """A selected span of a trace, and a log record."""
    trace = web.get("/traces", function="payment")["traces"][0]["trace_id"]
    span_id = web.get(f"/traces/{trace}")["spans"][0]["span_id"]
    record = re.findall(r'href="(/logs/record/[^"]+)"', _text(web, "/logs?function=payment"))[0]

    assert 'href="/functions/payment"' in _text(web, f"/traces/{trace}?span={span_id}")
    assert 'href="/functions/payment"' in _text(web, record)
