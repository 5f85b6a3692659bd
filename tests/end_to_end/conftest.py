"""Servers, the browser and its pages; a failing test shows what its servers wrote."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.end_to_end import browsing, serving
from tests.end_to_end.serving import Server
from tests.end_to_end.toolchain import needed

SERVERS = pytest.StashKey[list[Server]]()


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Server]:
    """One server that tests share: each finds its own telemetry by ids of its own."""
    folder = tmp_path_factory.mktemp("shared")
    config = folder / "lockstitch.toml"
    config.write_text('[correlation]\nattributes = ["order_id"]\n')
    running = serving.start(folder / "shared.duckdb", "--config", str(config))
    request.config.stash.setdefault(SERVERS, []).append(running)
    yield running
    assert running.stop() == 0, running.said


@pytest.fixture
def serve(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Server]]:
    """Starts servers of the test's own; whatever still runs at its end is ended."""
    started: list[Server] = []

    def start(*options: str, db: Path = tmp_path / "test.duckdb", **more: object) -> Server:
        started.append(serving.start(db, *options, **more))  # type: ignore[arg-type]
        request.config.stash.setdefault(SERVERS, []).append(started[-1])
        return started[-1]

    yield start
    for running in started:
        running.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless.

    A module's own: while Playwright runs, its event loop counts as running in this thread, and
    tests of other modules that run a loop themselves could not.
    """
    executable = needed(*browsing.NAMES)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=browsing.ARGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., browsing.Visit]]:
    """Opens watched pages; at the end of the test, nothing forbidden may have happened in any."""
    visits: list[browsing.Visit] = []

    def open_page(origin: str, **context: object) -> browsing.Visit:
        visits.append(browsing.Visit(browser, origin, **context))
        return visits[-1]

    yield open_page
    for one in visits:
        one.close()
    trouble = [sentence for one in visits for sentence in one.trouble]
    assert not trouble, "\n".join(trouble)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the standard error of the servers to the report of a test that failed."""
    report = yield
    if report.failed:
        for running in item.config.stash.get(SERVERS, []):
            if text := running.said.strip():
                report.sections.append((f"stderr of the server on {running.db.name}", text[-8000:]))
    return report
