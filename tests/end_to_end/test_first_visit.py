"""A newcomer's first minute: an empty store, the sample data, a first event trace."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.end_to_end import serving, story
from tests.end_to_end.browsing import Visit, shoot
from tests.end_to_end.serving import Server

Serve = Callable[..., Server]


def test_the_first_visit_leads_to_sample_events(serve: Serve, visit: Callable[..., Visit]) -> None:
    """Setup, one button, progress that moves, a list of event traces; also without JavaScript."""
    server = serve()
    page = visit(server.web).open("/")
    assert page.url.endswith("/setup")
    shoot(page, "setup-empty")

    page.get_by_role("button", name="Load sample data").click()
    page.locator("progress").wait_for()
    page.get_by_role("link", name="Look at it").wait_for(timeout=240_000)
    page.get_by_role("link", name="Look at it").click()

    page.wait_for_url("**/events**")
    page.locator("main table tbody tr").first.wait_for()
    shoot(page, "events-sample")
    plain = visit(server.web, java_script_enabled=False).open("/setup")
    plain.get_by_role("link", name="Look at it").click()
    plain.locator("main table tbody tr").first.wait_for()


def test_the_sample_data_loads_without_javascript(
    serve: Serve, visit: Callable[..., Visit]
) -> None:
    """The button is a form; reloading shows how far it is, and telemetry that arrives."""
    server = serve()
    page = visit(server.web, java_script_enabled=False).open("/")

    page.get_by_role("button", name="Load sample data").click()
    page.get_by_role("status").wait_for()
    seen = [_loaded(page)]
    serving.until(lambda: seen.append(_loaded(page)) or seen[-1] > max(1, min(seen)))

    assert page.get_by_role("button", name="Load sample data").count() == 0
    assert page.get_by_role("heading", name="Telemetry is arriving").count() == 1


def _loaded(page: Page) -> float:
    """How far the loading is, after a reload; 0 while the stories are read."""
    page.reload()
    bar = page.locator("progress")
    return float((bar.get_attribute("value") if bar.count() else None) or 0)


def test_empty_pages_say_what_to_do(serve: Serve, visit: Callable[..., Visit]) -> None:
    """With nothing stored each page has a sentence and a way on."""
    server = serve()
    visitor = visit(server.web)
    pages = {
        "functions": "/functions",
        "queues": "/queues",
        "events": "/events",
        "traces": "/traces",
        "logs": "/logs",
        "metrics": "/series",
    }
    for name, path in pages.items():
        page = visitor.open(path)
        assert page.locator("main a[href*='/setup']").count() > 0, path
        shoot(page, f"{name}-empty")


def test_telemetry_that_arrives_shows_on_the_setup_page_by_itself(
    serve: Serve, visit: Callable[..., Visit]
) -> None:
    """The page a person has open while they set up their first function."""
    server = serve()
    page = visit(server.web).open("/setup")
    page.get_by_text("Waiting for telemetry").wait_for()

    story.send_wide_trace(server, spans=2)

    page.get_by_text("Telemetry is arriving").wait_for()
