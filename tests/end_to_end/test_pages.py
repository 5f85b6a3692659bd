"""Every page: opens cleanly, can be used by everyone, on a phone and without JavaScript."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.end_to_end import story
from tests.end_to_end.browsing import (
    NARROW,
    WIDE,
    Visit,
    looking,
    scrolls_sideways,
    shoot,
    violations,
)
from tests.end_to_end.serving import Server

SEND_PY = Path(__file__).parent / "python" / "send.py"
PAGES = {
    "setup": "/setup",
    "overview": "/",
    "functions": "/functions",
    "function": "/functions/{function}",
    "queues": "/queues",
    "events": "/events",
    "events-narrowed": "/events?status=error&max_duration_ms=60000&q=checkout",
    "shapes": "/events/shapes",
    "correlation": "/events/correlation",
    "traces": "/traces",
    "trace": "/traces/{trace_id}",
    "span": "/traces/{trace_id}?span={child_span_id}",
    "logs": "/logs",
    "metrics": "/series",
    "metric": "/series/checkout.duration",
    "status": "/status",
    "login": "/login",
    "api": "/docs",
    "not-found": "/nowhere",
    "no-such-trace": "/traces/00000000000000000000000000000001",
    "bad-filter": "/traces?since=yesterday-ish",
}
STATUS = {"not-found": 404, "no-such-trace": 404, "bad-filter": 400}
every_page = pytest.mark.parametrize("name", PAGES)


@pytest.fixture(scope="module")
def told(server: Server) -> story.Told:
    """The known story, told once to the shared server."""
    return story.tell(server, [sys.executable, SEND_PY], protocol="http/protobuf")


@pytest.fixture
def open_page(server: Server, told: story.Told, visit: Callable[..., Visit]) -> Callable[..., Page]:
    """Opens a page of the table above by its name."""

    def opened(name: str, **context: object) -> Page:
        return visit(server.web, **context).open(_path(name, told), STATUS.get(name, 200))

    return opened


def _path(name: str, told: story.Told) -> str:
    return PAGES[name].format(
        trace_id=told.trace_id, child_span_id=told.child_span_id, function=told.function
    )


@every_page
def test_a_page_opens_without_a_complaint(open_page: Callable[..., Page], name: str) -> None:
    """No error on the console, nothing the policy forbids, no other host."""
    page = open_page(name)

    page.locator("h1, h2").first.wait_for()
    shoot(page, name)


@pytest.mark.parametrize("name", [name for name in PAGES if name != "api"])
def test_a_page_is_for_everyone(open_page: Callable[..., Page], name: str) -> None:
    """axe finds nothing grave in either colours or width, and a phone scrolls no page sideways.

    Except ``/docs``, whose markup is Swagger UI's.
    """
    page = open_page(name)

    for width, scheme in ((WIDE, "light"), (WIDE, "dark"), (NARROW, "light")):
        with looking(page, width, scheme):
            assert not violations(page), (width, scheme)
            assert not scrolls_sideways(page), width


@every_page
def test_a_page_is_small(server: Server, told: story.Told, name: str) -> None:
    """At most 150 kB of HTML."""
    answer = server.ask("GET", server.web + _path(name, told))

    assert answer.status == STATUS.get(name, 200)
    assert len(answer.body) <= 150_000


@pytest.mark.parametrize(
    "name",
    ["overview", "functions", "function", "queues", "setup", "events", "shapes", "correlation",
     "traces", "trace", "logs", "metrics", "status"],
)  # fmt: skip
def test_a_page_works_without_javascript(open_page: Callable[..., Page], name: str) -> None:
    """The server has rendered everything but the charts: heading, navigation, content."""
    page = open_page(name, java_script_enabled=False)

    assert page.locator("h1").inner_text().strip()
    assert page.get_by_role("link", name="Traces").count() > 0
    if name not in ("setup", "status"):
        assert page.locator("main a[href]").count() > 0


def test_a_failed_span_is_found_without_javascript(
    server: Server, told: story.Told, visit: Callable[..., Visit]
) -> None:
    """Search form, list, trace, span: plain forms and links all the way."""
    page = visit(server.web, java_script_enabled=False).open("/traces")

    form = page.locator("form.filters")
    form.locator("input[name=q]").fill(f"order_id={told.order}")
    form.get_by_role("button", name="Search").click()
    page.locator(f"main a[href*='{told.trace_id}']").first.click()
    page.get_by_role("link", name="charge card").first.click()

    page.wait_for_url(f"**span={told.child_span_id}**")
    assert page.locator("#detail").get_by_text("card declined", exact=True).is_visible()


def test_the_slash_key_goes_to_the_search_box(open_page: Callable[..., Page]) -> None:
    """As the box itself says; typing a slash into a field still types a slash."""
    page = open_page("traces")

    page.keyboard.press("/")
    page.keyboard.type("a/b")

    assert page.evaluate("document.activeElement.name") == "q"
    assert page.locator("header input[name=q]").input_value() == "a/b"


def test_the_first_tab_offers_to_skip_the_navigation(open_page: Callable[..., Page]) -> None:
    """A person without a mouse gets to the content in two keys."""
    page = open_page("traces")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_j_and_k_walk_through_the_spans_of_a_trace(
    open_page: Callable[..., Page], told: story.Told
) -> None:
    """The selected span is in the address, so that it can be sent to someone."""
    page = open_page("trace")

    page.keyboard.press("j")
    page.wait_for_url(f"**span={told.root_span_id}**")
    page.keyboard.press("j")
    page.wait_for_url(f"**span={told.child_span_id}**")
    page.locator("#detail").get_by_text("card declined", exact=True).wait_for()
    page.keyboard.press("k")
    page.wait_for_url(f"**span={told.root_span_id}**")


def test_filters_survive_reload_and_back(open_page: Callable[..., Page], told: story.Told) -> None:
    """Every state of the search is an address."""
    page = open_page("traces")
    page.locator("form.filters input[name=function]").fill(told.function)
    page.locator("form.filters select[name=status]").select_option("error")
    page.wait_for_url("**status=error**")
    page.locator(f"main a[href*='{told.trace_id}']").first.wait_for()

    page.reload()
    assert page.locator("form.filters input[name=function]").input_value() == told.function
    assert page.locator("form.filters select[name=status]").input_value() == "error"
    page.locator(f"main a[href*='{told.trace_id}']").first.click()
    page.wait_for_url(f"**/traces/{told.trace_id}**")
    page.go_back()
    page.wait_for_url("**status=error**")
    page.locator(f"main a[href*='{told.trace_id}']").first.wait_for()


def test_the_time_range_stays_while_moving_between_pages(open_page: Callable[..., Page]) -> None:
    """A range chosen on one page is the range of the next."""
    page = open_page("traces")
    page.goto(page.url + "?since=-6h")

    page.get_by_role("link", name="Logs").click()

    page.wait_for_url("**/logs?since=-6h**")


def test_the_colours_can_be_switched_by_hand(open_page: Callable[..., Page]) -> None:
    """Dark in a light system, kept over a reload."""
    page = open_page("setup")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")

    with page.expect_navigation():
        page.get_by_role("button", name="Dark", exact=True).click()
    page.reload()

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_a_trace_of_2000_spans_stays_smooth(server: Server, visit: Callable[..., Visit]) -> None:
    """Only rows in view are in the document, and scrolling through all of them is quick."""
    trace_id = story.send_wide_trace(server, spans=2000)
    page = visit(server.web).open(f"/traces/{trace_id}")

    assert page.locator("*").count() < 9000
    longest_ms = [page.evaluate(_LONGEST_FRAME_MS)]
    page.get_by_text("step 1999").wait_for()
    while min(longest_ms) > 500 and len(longest_ms) < 5:  # a busy machine skips frames itself
        longest_ms.append(page.evaluate(_LONGEST_FRAME_MS))
    assert min(longest_ms) < 500
    shoot(page, "trace-of-2000-spans")


# Scrolls by screens to the end and back; the longest time between two frames.
_LONGEST_FRAME_MS = """async () => {
  let last = performance.now(), longest = 0;
  for (let y = 0; y <= document.documentElement.scrollHeight; y += innerHeight * 0.8) {
    scrollTo(0, y);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    await new Promise(r => setTimeout(r, 20));
    last = performance.now();
  }
  return longest;
}"""
