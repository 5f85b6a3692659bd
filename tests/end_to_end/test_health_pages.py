"""From the overview to what lies in a dead-letter queue, in a browser: what an operator does."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from tests.end_to_end.browsing import (
    NARROW,
    WIDE,
    Visit,
)
from tests.end_to_end.serving import Server
from tests.end_to_end.shop import SHIFTS, for_everyone, shop_in


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that holds the last hour of a shop: throttled, failing, with dead letters."""
    with shop_in(tmp_path_factory.mktemp("shop")) as server:
        yield server


def _drawn(page: Page) -> None:
    """Waits until every figure of the page is drawn."""
    figures = page.locator("figure[data-figure]").count()
    assert figures
    page.locator("figure.js-plotly-plot .main-svg").nth(0).wait_for()
    page.locator("figure.js-plotly-plot").nth(figures - 1).wait_for()


def test_from_the_overview_to_the_dead_letters(shop: Server, visit: Callable[..., Visit]) -> None:
    """The function that fails, an event trace it failed, the queue, and what lies in its DLQ."""
    page = visit(shop.web).open("/")
    page.get_by_role("heading", name="2 need attention").wait_for()
    _drawn(page)
    for_everyone(page, "health-overview")

    page.locator(".concerns").get_by_role("link", name="payment").click()
    page.get_by_role("heading", name="payment", exact=True).wait_for()
    _drawn(page)
    for_everyone(page, "health-function")

    page.get_by_role("region", name="Errors by type").get_by_role(
        "link", name="CardDeclined"
    ).click()
    page.wait_for_url("**/events/*")
    page.locator(".wf-row", has_text="payment").last.locator(".t").click()
    for_everyone(page, "health-event")
    page.locator("#detail").get_by_role("link", name="orders-q", exact=True).click()

    page.wait_for_url("**/queues/orders-q**")
    page.locator("main").get_by_role("link", name="orders-q-dlq").click()
    page.wait_for_url("**/queues/orders-q-dlq**")
    page.get_by_text("9 passed, 0 failed since").wait_for()
    _drawn(page)
    for_everyone(page, "health-dlq")
    page.locator("a[href*='/events/']").first.click()
    page.wait_for_url("**/events/*")


def test_dragging_over_a_chart_sets_the_range(shop: Server, visit: Callable[..., Visit]) -> None:
    """Of the whole page: the figures follow, and back undoes it."""
    page = visit(shop.web).open("/functions/payment")
    _drawn(page)
    heading = page.get_by_role("heading", name=re.compile("invocations, 9 failed"))
    before = heading.inner_text()
    box = page.locator("figure.js-plotly-plot .nsewdrag").first.bounding_box()
    assert box is not None

    page.mouse.move(box["x"] + box["width"] * 0.05, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 40, steps=6)
    with page.expect_navigation():
        page.mouse.up()

    assert parse_qs(urlsplit(page.url).query).keys() == {"since", "until"}
    assert page.locator("header h2").first.inner_text() != before
    page.go_back()
    heading.wait_for()


def test_charts_side_by_side_share_their_cursor(shop: Server, visit: Callable[..., Visit]) -> None:
    """What one tells of a moment, its neighbours tell too."""
    page = visit(shop.web).open("/functions/payment")
    _drawn(page)
    box = page.locator("figure.js-plotly-plot .nsewdrag").first.bounding_box()
    assert box is not None

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.move(box["x"] + box["width"] / 2 + 2, box["y"] + 42)

    memory = page.get_by_role("region", name="Memory", exact=True)
    memory.locator(".hoverlayer .hovertext, .hoverlayer .axistext").first.wait_for()


@pytest.mark.parametrize("path", ["/", "/functions", "/functions/payment", "/queues/orders-q-dlq"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_moves_while_a_page_loads(
    shop: Server, visit: Callable[..., Visit], path: str, width: int
) -> None:
    """Charts have their height before they are drawn."""
    page = visit(shop.web, viewport={"width": width, "height": 844}).open(path)
    page.wait_for_timeout(600)

    assert page.evaluate(SHIFTS) < 0.02


def test_functions_are_filtered_at_once_and_sorted_by_their_headings(
    shop: Server, visit: Callable[..., Visit]
) -> None:
    """All of it in the address."""
    page = visit(shop.web).open("/functions?since=-2h")
    page.get_by_label("Only").select_option("throttled")
    page.wait_for_url("**only=throttled**")
    page.locator("table.functions tbody tr").nth(1).wait_for(state="detached")
    page.get_by_label("Only").select_option("")
    page.locator("table.functions tbody tr").nth(2).wait_for()

    page.get_by_role("link", name="p95").click()
    page.wait_for_url("**sort=p95**")
    first = page.locator("table.functions tbody tr").first
    assert "payment" in first.inner_text()
    assert parse_qs(urlsplit(page.url).query)["since"] == ["-2h"]


def test_the_way_to_the_dead_letters_needs_no_javascript(
    shop: Server, visit: Callable[..., Visit]
) -> None:
    """Links, tables and drawings of the server alone."""
    page = visit(shop.web, java_script_enabled=False).open("/")
    assert page.locator(".tile .spark path").count() >= 3
    page.locator(".concerns").get_by_role("link", name="orders-q-dlq").click()

    page.locator("details#figures > summary").click()
    assert page.locator("#figures tbody tr").count() >= 50
    assert page.get_by_text("start-message-move-task").is_visible()
