"""The list of event traces in a browser: the brush, the filters, and a search without scripts."""

import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from tests.end_to_end import serving
from tests.end_to_end.browsing import Visit
from tests.end_to_end.serving import Server
from tests.web import telemetry

_MINUTE_NS = 60_000_000_000


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that holds twelve orders of the last half hour."""
    server = serving.start(tmp_path_factory.mktemp("lists") / "lists.duckdb")
    now_ns = time.time_ns()
    for number in range(12):
        for request in telemetry.saga(number, now_ns - (number + 2) * _MINUTE_NS):
            signal = "traces" if "Trace" in type(request).__name__ else "logs"
            assert server.send(signal, request.SerializeToString()).status == 200
    server.settle()
    yield server
    assert server.stop() == 0, server.said


def _rows(page: Page) -> int:
    return page.locator("table.events tbody tr").count()


def _asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_box_drawn_on_the_scatter_narrows_the_list(
    told: Server, visit: Callable[..., Visit]
) -> None:
    """Its time is the range, its durations are bounds; the list holds what lay in it."""
    page = visit(told.web).open("/events?since=-30m")
    before = _rows(page)
    page.locator("figure .points path").first.wait_for()
    points = [
        box for each in page.locator("figure .points path").all() if (box := each.bounding_box())
    ]
    inside = sorted(points, key=lambda box: box["x"])[: len(points) // 2]
    left, right = min(b["x"] for b in inside) - 4, max(b["x"] for b in inside) + 10
    top, bottom = min(b["y"] for b in inside) - 4, max(b["y"] for b in inside) + 12

    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(right, bottom, steps=6)
    with page.expect_navigation():
        page.mouse.up()

    asked = _asked(page)
    assert asked.keys() >= {"since", "until", "min_duration_ms", "max_duration_ms"}
    assert float(asked["min_duration_ms"][0]) < float(asked["max_duration_ms"][0])
    assert 0 < _rows(page) < before
    assert page.get_by_title("Take this filter away").is_visible()


def test_a_point_opens_its_event_trace(told: Server, visit: Callable[..., Visit]) -> None:
    """With the range of the list."""
    page = visit(told.web).open("/events?since=-30m")
    page.locator("figure .points path").first.wait_for()
    box = page.locator("figure .points path").first.bounding_box()
    assert box is not None

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    with page.expect_navigation():
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    assert "/events/" in page.url
    assert _asked(page)["since"] == ["-30m"]


def test_filters_act_at_once_and_go_back(told: Server, visit: Callable[..., Visit]) -> None:
    """A change of the form is in the address; the back button undoes it."""
    page = visit(told.web).open("/events?since=-30m")
    everything = _rows(page)

    page.get_by_label("Cold start").check(force=True)
    page.wait_for_url("**cold=yes**")
    page.locator("table.events tbody tr").first.wait_for()
    assert 0 < _rows(page) < everything

    page.go_back()
    page.wait_for_url("**since=-30m")
    page.locator("table.events tbody tr").nth(everything - 1).wait_for()
    assert _rows(page) == everything


def test_an_order_is_found_without_javascript(told: Server, visit: Callable[..., Visit]) -> None:
    """By an attribute, then by a message id in the search box: straight to its event trace."""
    page = visit(told.web, java_script_enabled=False).open("/events?since=-30m")
    form = page.locator("form.filters")
    form.locator("input[name=q]").fill("order.id=ord-1003")
    form.get_by_role("button", name="Search").click()
    page.wait_for_url("**order.id**")
    assert _rows(page) == 1
    page.locator("a.main-link").click()
    page.wait_for_url("**/events/*")
    opened = page.url
    page.goto("/traces")

    page.locator("header input[name=q]").fill("inv-3")
    page.locator("header input[name=q]").press("Enter")

    page.wait_for_url(f"{opened.partition('?')[0]}**")
