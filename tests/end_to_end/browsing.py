"""A headless Chromium whose pages are watched for what must never happen in one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, Response

from tests.end_to_end.serving import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SHOTS = ROOT / "test-artifacts"
PICTURES = "TEST_PICTURES" in os.environ
WIDE, NARROW = 1280, 390
_HEIGHTS = {WIDE: 800, NARROW: 844}


class Visit:
    """One visitor: a browser context of its own with one page.

    ``trouble`` collects errors on the console (a violation of the content security policy is one),
    exceptions, dialogs, requests to another host, and answers of 400 or more that ``open`` was
    not told to expect.
    """

    def __init__(self, browser: Browser, origin: str, **context: Any) -> None:
        self.trouble: list[str] = []
        self._expected: dict[str, int] = {}
        self._origin = origin
        context.setdefault("viewport", {"width": WIDE, "height": _HEIGHTS[WIDE]})
        self._context = browser.new_context(base_url=origin, **context)
        self._context.set_default_timeout(60_000)  # of a slow machine
        self.page: Page = self._context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._note(f"exception: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def open(self, path: str, status: int = 200) -> Page:
        """Goes to a page of the server and waits until it is loaded; ``status`` is expected."""
        url = self._origin + path
        self.expect(url, status)
        answer = self.page.goto(url, wait_until="load")
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status} instead of {status}"
        return self.page

    def open_any(self, path: str) -> Page:
        """Goes to an address made by a stranger: a page, or one that says it is not found."""
        url = self._origin + path
        self._expected[url] = 404
        answer = self.page.goto(url, wait_until="load")
        assert answer is not None
        assert answer.status in (200, 400, 404), f"{path}: {answer.status}"
        self._expected[url] = answer.status
        self.trouble = [text for text in self.trouble if f"400 for {url}" not in text]
        return self.page

    def expect(self, url: str, status: int) -> None:
        """Says that this address answers with ``status``, and that this is right."""
        self._expected[url] = status

    def close(self) -> None:
        """Ends the visit; what was noted stays."""
        self._context.close()

    def _note(self, sentence: str) -> None:
        self.trouble.append(f"{self.page.url}: {sentence}")

    def _console(self, message: ConsoleMessage) -> None:
        known = message.location.get("url", "") in self._expected and "status of" in message.text
        if message.type == "error" and not known:
            self._note(f"console: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self._note(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and not request.url.startswith(
            self._origin + "/"
        ):
            self._note(f"request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status != self._expected.get(response.url):
            self._note(f"{response.status} for {response.url}")


def shoot(page: Page, name: str) -> None:
    """Keeps four pictures of a page, where pictures are wanted: wide and narrow, light and dark."""
    if not PICTURES:
        return
    SHOTS.mkdir(exist_ok=True)
    for width in (WIDE, NARROW):
        for scheme in ("light", "dark"):
            with looking(page, width, scheme):
                page.screenshot(path=SHOTS / f"{name}-{width}-{scheme}.png", full_page=True)


@contextmanager
def looking(page: Page, width: int, scheme: str) -> Iterator[None]:
    """The page at a width and in a colour scheme, and back to wide and light afterwards."""
    page.set_viewport_size({"width": width, "height": _HEIGHTS[width]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    try:
        yield
    finally:
        page.set_viewport_size({"width": WIDE, "height": _HEIGHTS[WIDE]})
        page.emulate_media(color_scheme="light")


def violations(page: Page) -> list[str]:
    """What axe calls serious or critical, with the first elements it means."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes'][:3]]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def scrolls_sideways(page: Page) -> bool:
    """Whether the page itself, not a box inside it, is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
