"""Telemetry is hostile input: payloads sent through the real receiver stay text on every page."""

from collections import deque
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from playwright.sync_api import Page

from tests.end_to_end import hostile, serving
from tests.end_to_end.browsing import Visit, scrolls_sideways, shoot
from tests.end_to_end.serving import Server

_MOST_PAGES = 40
_FOR_MACHINES = ("/metrics", "/api/", "/docs")


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that holds nothing but attacks."""
    server = serving.start(tmp_path_factory.mktemp("attacked") / "attacked.duckdb")
    try:
        for signal, body in hostile.exports():
            answer = server.send(signal, body)
            assert (answer.status, answer.body) == (200, b""), answer.body
        server.settle()
        yield server
    finally:
        server.kill()


_STARTS = ("/", "/functions", "/queues", "/costs", "/costs/events", "/costs/advice", "/setup",
           "/events", "/events/shapes", "/events/correlation", "/traces", "/logs", "/series",
           "/status")  # fmt: skip


def assert_harmless(page: Page) -> None:
    """Nothing of a payload has run, and none became an element."""
    assert page.evaluate("window.pwned") is None
    planted = "iframe, img[src='/pwned'], a[href^='javascript:'], a[href^='data:'], [onerror]"
    assert page.locator(planted).count() == 0


def test_no_page_runs_what_telemetry_says(attacked: Server, visit: Callable[..., Visit]) -> None:
    """Follows the links of every page, one of each shape, and finds only text."""
    visitor = visit(attacked.web)
    waiting, seen = deque(_STARTS), set[object]()
    while waiting and len(seen) < _MOST_PAGES:
        path = waiting.popleft()
        if (shape := _shape(path)) in seen:
            continue
        seen.add(shape)
        page = visitor.open(path)
        assert_harmless(page)
        hrefs = page.eval_on_selector_all(
            "a[href]:not([download])",  # a link inside a drawing has no text for an address
            "all => all.map(a => new URL(a.getAttribute('href'), location.href).href)",
        )
        paths = [href[len(attacked.web) :] for href in hrefs if href.startswith(attacked.web)]
        waiting += [path for path in paths if not path.startswith(_FOR_MACHINES)]
    assert len(seen) > 10


@pytest.mark.parametrize("number", range(len(hostile.PAYLOADS)))
def test_a_payload_is_shown_as_the_text_it_is(
    attacked: Server, visit: Callable[..., Visit], number: int
) -> None:
    """In the trace it came in, opened at its span, where most fields are on view."""
    payload = hostile.PAYLOADS[number]
    found = attacked.get("/api/v1/traces")["traces"]
    trace_id = next(trace["trace_id"] for trace in found if trace["root_name"] == payload)
    span = attacked.get(f"/api/v1/traces/{trace_id}")["spans"][0]
    assert span["status_message"] == payload
    assert span["attributes"][payload] == payload

    page = visit(attacked.web).open(f"/traces/{trace_id}?span={span['span_id']}")

    assert_harmless(page)
    assert _squeezed(payload) in _squeezed(page.locator("h1").inner_text())
    page.hover("h1")
    page.locator("#detail").hover()
    assert_harmless(page)
    assert not scrolls_sideways(page)


_ADDRESSES = (
    "/events?q={0}&function={0}&correlation_id={0}",
    "/events/shapes?q={0}&function={0}",
    "/events/{0}",
    "/functions?q={0}",
    "/functions/{0}",
    "/queues/{0}",
    "/traces?q={0}&function={0}",
    "/logs?q={0}&function={0}",
    "/series/{0}",
    "/setup?for={0}",
    "/login?next={0}",
)
_MARKUP = frozenset("<>\"'")


@pytest.mark.parametrize("address", _ADDRESSES)
def test_a_payload_in_the_address_is_escaped(attacked: Server, address: str) -> None:
    """Whatever field of a link someone else made it is in, its markup is not in the page."""
    for payload in hostile.PAYLOADS:
        answer = attacked.ask("GET", attacked.web + address.format(quote(payload, safe="")))

        assert answer.status in (200, 400, 404), payload
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert payload not in answer.text or not _MARKUP & set(payload)


@pytest.mark.parametrize(
    "every", [pytest.param(4, id="sample"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("number", range(len(hostile.PAYLOADS)))
def test_a_payload_in_the_address_does_not_run(
    attacked: Server, visit: Callable[..., Visit], number: int, every: int
) -> None:
    """In a browser: search words, filters, ids and ranges; each with some of the payloads."""
    visitor = visit(attacked.web)
    for address in _ADDRESSES[number % every :: every]:
        page = visitor.open_any(address.format(quote(hostile.PAYLOADS[number], safe="")))
        assert_harmless(page)


def test_an_unreadable_address_is_explained_not_reflected(
    attacked: Server, visit: Callable[..., Visit]
) -> None:
    """Filters that cannot be read answer 400 with a page that says what is accepted."""
    visitor = visit(attacked.web)
    payload = quote(hostile.PAYLOADS[1], safe="")
    for query in (f"since={payload}", f"min_duration_ms={payload}", f"cursor={payload}"):
        assert_harmless(visitor.open(f"/traces?{query}", status=400))
        assert_harmless(visitor.open(f"/events?{query}", status=400))


def test_no_hostile_text_widens_a_page(attacked: Server, visit: Callable[..., Visit]) -> None:
    """600-character names, markup and right-to-left text on a phone."""
    visitor = visit(attacked.web)
    trace_id = attacked.get("/api/v1/traces")["traces"][0]["trace_id"]
    for name, path in (
        ("overview", "/"),
        ("functions", "/functions"),
        ("queues", "/queues"),
        ("events", "/events"),
        ("shapes", "/events/shapes"),
        ("correlation", "/events/correlation"),
        ("traces", "/traces"),
        ("trace", f"/traces/{trace_id}"),
        ("logs", "/logs"),
        ("metrics", "/series"),
    ):
        page = visitor.open(path)
        shoot(page, f"hostile-{name}")
        page.set_viewport_size({"width": 390, "height": 844})
        assert not scrolls_sideways(page), path


def _shape(path: str) -> object:
    """What kind of page a link leads to: links that differ in values only are one kind."""
    parts = urlsplit(path)
    place = tuple("…" if len(part) > 20 else part for part in parts.path.split("/"))
    return place, tuple(sorted(name for name, _ in parse_qsl(parts.query)))


def _squeezed(text: str) -> str:
    """The text without white space and direction marks, which a browser lays out as it likes."""
    return "".join(c for c in text if not c.isspace() and c not in "\u2066\u2068\u2069")
