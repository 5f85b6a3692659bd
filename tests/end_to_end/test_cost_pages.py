"""From the cost on the overview to what one event cost, in a browser: what an owner does."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.end_to_end.browsing import (
    WIDE,
    Visit,
    looking,
    violations,
)
from tests.end_to_end.serving import Server
from tests.end_to_end.shop import SHIFTS, for_everyone, shop_in


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that holds the last hour of a shop."""
    with shop_in(tmp_path_factory.mktemp("shop")) as server:
        yield server


def _drawn(page: Page) -> None:
    page.locator("figure.js-plotly-plot .main-svg").first.wait_for()


def test_from_the_overview_to_what_one_event_cost(
    shop: Server, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    """The tile, the dearest function, an event trace of it and its parts; and the file."""
    page = visit(shop.web).open("/?since=-2h")
    tile = page.locator(".tile", has_text="Cost").filter(has_text="per million successes")
    tile.locator("path").first.wait_for()
    tile.click()

    page.wait_for_url("**/costs?since=-2h")
    _drawn(page)
    page.get_by_role("region", name="Dearest paths").locator("a.route").first.wait_for()
    page.get_by_role("region", name="What to change").get_by_text("Nothing in this range").or_(
        page.get_by_role("region", name="What to change").locator(".advice > li").first
    ).wait_for()
    assert page.evaluate(SHIFTS) < 0.02
    for_everyone(page, "costs")
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV", exact=True).click()
    file = tmp_path / "costs.csv"
    started.value.save_as(file)
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert {"payment", "checkout", "orders-q"} <= {row["name"] for row in rows}

    page.get_by_role("region", name="By function, queue and workflow").get_by_role(
        "link", name="payment"
    ).click()
    page.wait_for_url("**/functions/payment?since=-2h")
    panel = page.get_by_role("region", name="Cost", exact=True)
    panel.get_by_text("Per million successes").wait_for()
    panel.get_by_role("link", name="all of it").click()
    page.get_by_role("heading", name="By version").wait_for()
    _drawn(page)
    for_everyone(page, "costs-function")

    page.get_by_role("link", name="Its dearest event traces").click()
    page.wait_for_url("**sort=cost**")
    page.locator("table.events .main-link").first.click()
    page.wait_for_url("**/events/*")
    parts = page.get_by_role("region", name="Cost by part")
    parts.get_by_role("link", name="orders-q", exact=True).wait_for()
    page.locator(".sentence", has_text="it cost ~$0.").wait_for()
    for_everyone(page, "costs-event")


def test_costs_without_javascript(shop: Server, visit: Callable[..., Visit]) -> None:
    """Tabs, tables, sorting and the search are links and forms."""
    page = visit(shop.web, java_script_enabled=False).open("/")
    page.locator("a.tile", has_text="Cost").click()
    page.get_by_role("link", name="Invocations").click()
    assert "sort=invocations" in page.url
    page.get_by_label("Part of a name").fill("pay")
    page.get_by_label("Part of a name").press("Enter")
    assert page.locator("#table tbody tr").count() == 1

    for name in ("Event traces", "What to change", "Prices"):
        page.get_by_role("navigation", name="Views of costs").get_by_role("link", name=name).click()
        assert page.locator("#results .panel").count()
    assert page.locator(".badge", has_text="not verified").first.is_visible()


def test_every_view_of_costs_isfor_everyone(shop: Server, visit: Callable[..., Visit]) -> None:
    """Paths and attributes, what to change, prices; light and dark."""
    for path in ("events?attribute=order.id", "advice", "prices"):
        page = visit(shop.web).open(f"/costs/{path}")
        for_everyone(page, f"costs-{path.partition('?')[0]}")
        with looking(page, WIDE, "dark"):
            assert not violations(page), path
