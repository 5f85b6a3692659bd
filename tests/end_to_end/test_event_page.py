"""The page of an event trace in a browser: a retried order, and one of 2,000 spans."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.build import Request
from tests.end_to_end import serving
from tests.end_to_end.browsing import NARROW, WIDE, Visit, looking, scrolls_sideways, shoot
from tests.end_to_end.serving import Server
from tests.end_to_end.shop import SHIFTS
from tests.web import event_telemetry

WAIT_S = 120.0


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that holds both events, stitched."""
    server = serving.start(tmp_path_factory.mktemp("events") / "events.duckdb")
    start_ns = time.time_ns() - 120_000_000_000
    _send(server, event_telemetry.order(start_ns))
    _send(server, event_telemetry.fan_out(start_ns))
    _stitched(server, 3, 1)
    _stitched(server, 101, 1)
    yield server
    assert server.stop() == 0, server.said


def _send(server: Server, requests: Iterator[Request]) -> None:
    for request in requests:
        signal = "traces" if "Trace" in type(request).__name__ else "logs"
        assert server.send(signal, request.SerializeToString()).status == 200


def _stitched(server: Server, traces: int, count: int) -> str:
    """The id of the event trace of so many traces, as soon as there is one."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        listed = server.get("/api/v1/event-traces", limit=200)["event_traces"]
        found = [each for each in listed if len(each["trace_ids"]) == traces]
        if len(found) == count:
            return str(found[0]["event_trace_id"])
        time.sleep(0.2)
    raise AssertionError(f"no event trace of {traces} traces within {WAIT_S} s")


@pytest.fixture
def open_order(told: Server, visit: Callable[..., Visit]) -> Callable[..., Page]:
    """Opens the order's page, with a query."""

    def opened(query: str = "", **context: object) -> Page:
        event_id = _stitched(told, 3, 1)
        return visit(told.web, **context).open(f"/events/{event_id}{query}")

    return opened


def test_nothing_moves_after_the_page_was_shown(open_order: Callable[..., Page]) -> None:
    """What comes later, costs and rows out of view, has its room from the start."""
    page = open_order()
    page.locator("#cost table, #cost p").first.wait_for()

    assert page.evaluate(SHIFTS) < 0.1


def test_the_order_is_one_event_with_its_wait_and_its_retry(
    open_order: Callable[..., Page],
) -> None:
    """Three traces, two attempts, and the waits between them drawn as bars of their own."""
    page = open_order()

    assert page.locator(".lane").all_inner_texts() == ["orders-api", "payment"]
    page.locator(".wf-row .t", has_text="attempt 2 of 2").wait_for()
    assert page.locator("a.w.queue").count() == 1
    assert page.locator("a.w.retry").count() == 1
    assert "waiting" in page.locator(".sentence").inner_text()
    shoot(page, "event")


def test_the_page_is_for_everyone(open_order: Callable[..., Page]) -> None:
    """axe finds nothing grave in either colours or width, folded, unfolded, and with a panel."""
    for query in ("", "?open=all&min_confidence=0.99"):
        page = open_order(query)
        page.keyboard.press("j")
        page.locator("#detail .panel").wait_for()
        for width, scheme in ((WIDE, "light"), (WIDE, "dark"), (NARROW, "light")):
            with looking(page, width, scheme):
                found = Axe().run(page, options={"resultTypes": ["violations"]}).response
                grave = [
                    (each["id"], each["nodes"][0]["target"])
                    for each in found["violations"]
                    if each["impact"] in ("serious", "critical")
                ]
                assert not grave, (query, width, scheme)
                assert not scrolls_sideways(page), width


def test_keys_walk_unfold_and_show_the_critical_path(open_order: Callable[..., Page]) -> None:
    """Everything they do is in the address."""
    page = open_order("?open=none")

    page.keyboard.press("j")
    page.wait_for_url("**sel=d.**")
    page.keyboard.press("Enter")
    page.locator(".wf-row .t", has_text="payments send").wait_for()
    page.keyboard.press("c")
    page.wait_for_url("**path=1**")
    page.keyboard.press("Escape")
    page.locator("#detail .panel").wait_for(state="detached")
    page.wait_for_url(lambda url: "sel=" not in url)
    page.keyboard.press("l")
    page.wait_for_url("**#logs")


def test_a_wait_and_a_joint_open_beside_the_timeline(open_order: Callable[..., Page]) -> None:
    """Links inside the drawing, without leaving the page."""
    page = open_order()
    page.evaluate("window.stayed = true")

    page.locator("a.w.queue").click()
    page.locator("#detail").get_by_text("Nobody worked on it").wait_for()
    page.locator("a.knot").first.click()
    page.wait_for_url("**sel=j.**")
    page.locator("#detail").get_by_text("the other received it").wait_for()

    assert page.evaluate("window.stayed")


def test_attributes_are_narrowed_and_lead_to_events(open_order: Callable[..., Page]) -> None:
    """A click on a value finds the events with it."""
    page = open_order("?open=all")
    page.locator(".wf-row .t", has_text="payments send").click()
    page.locator("#detail").get_by_text("messaging.message.id").wait_for()

    page.locator("#detail dd a[href*='/events?']").first.click()

    page.wait_for_url("**/events?**")


def test_the_page_works_without_javascript(open_order: Callable[..., Page]) -> None:
    """Unfolding, selecting and the confidence are links and a form."""
    page = open_order("?open=none", java_script_enabled=False)

    page.locator("a.wf-fold").first.click()
    page.locator(".wf-row .t", has_text="payments send").click()
    page.locator("#detail").get_by_text("messaging.message.id").wait_for()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**min_confidence=**")


def test_the_file_opens_without_the_server(
    told: Server, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    """Saved and opened from the disk: all of it, and nothing is asked of anyone."""
    event_id = _stitched(told, 3, 1)
    answer = told.ask("GET", f"{told.web}/events/{event_id}/export.html")
    file = tmp_path / "event.html"
    file.write_bytes(answer.body)
    page = visit(told.web).page

    page.goto(file.as_uri())

    assert page.get_by_text("card issuer answered 503").count() > 0
    assert page.locator("a, script, form").count() == 0
    assert not scrolls_sideways(page)


def test_2000_spans_stay_smooth(told: Server, visit: Callable[..., Visit]) -> None:
    """Folded at first, at most 150 kB; unfolded, rows come as they are scrolled to."""
    event_id = _stitched(told, 101, 1)
    answer = told.ask("GET", f"{told.web}/events/{event_id}")
    assert len(answer.body) <= 150_000
    page = visit(told.web).open(f"/events/{event_id}?open=all")

    begun = page.locator(".wf-row").count()
    assert begun < 200
    for _ in range(6):
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(150)
    page.locator(".wf-row").nth(begun).wait_for(state="attached")
    shoot(page, "event-of-2000-spans")
