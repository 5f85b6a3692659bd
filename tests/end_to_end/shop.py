"""A shop in a server of its own, and what each of its pages must be for everyone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from tests.end_to_end import serving
from tests.end_to_end.browsing import (
    NARROW,
    WIDE,
    looking,
    scrolls_sideways,
    shoot,
    violations,
)
from tests.end_to_end.serving import Server
from tests.web import health_telemetry

_SIGNALS: Final = {"Trace": "traces", "Logs": "logs", "Metr": "metrics"}
SHIFTS: Final = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const each of list.getEntries()) sum += each.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 300);
})"""
"""How much of the page moved after it was shown."""


@contextmanager
def shop_in(folder: Path) -> Iterator[Server]:
    """A server that holds the last hour of a shop: throttled, failing, with dead letters."""
    server = serving.start(folder / "shop.duckdb")
    for request in health_telemetry.everything(time.time_ns()):
        name = type(request).__name__.removeprefix("Export")
        signal = next(word for prefix, word in _SIGNALS.items() if name.startswith(prefix))
        assert server.send(signal, request.SerializeToString()).status == 200
    server.settle()
    yield server
    assert server.stop() == 0, server.said


def for_everyone(page: Page, name: str) -> None:
    """axe finds nothing grave at either width, nothing scrolls sideways."""
    for width in (WIDE, NARROW):
        with looking(page, width, "light"):
            assert not violations(page), (name, width)
            assert not scrolls_sideways(page), (name, width)
    shoot(page, name)
