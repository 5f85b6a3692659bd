"""Takes a screenshot of every page: ``python -m tests.web.screens DIRECTORY [NAME ...]``.

Starts a collector on a throw-away store, sends it ``tests/web/telemetry.py``, and photographs the
pages in Chromium at 1280 and 390 px, light and dark: with nothing stored, with all of it, and with
a store that does not answer. Anything the browser's console says about them is printed: a page is
done when nothing is. ``python -m tests.web.screens --readme`` makes the pictures of README.md from
the recorded stories instead.
"""

import asyncio
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from playwright.sync_api import Browser, sync_playwright

from collector.alerts.starter import starter_set
from collector.receive.listener import HttpServer
from collector.service import Service
from collector.settings import load
from tests.build import Request
from tests.web import event_telemetry, health_telemetry, telemetry
from web.app import create_app
from web.samples import SampleData

CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
_PATHS: Final = {"Trace": "traces", "Metr": "metrics", "Logs": "logs"}

_SAGA: Final = telemetry.SAGA_TRACE.hex()
_FAILED: Final = (3 * 1000 + 5).to_bytes(8, "big").hex()
PAGES: Final = {
    "setup": "/setup",
    "overview": "/",
    "functions": "/functions",
    "function": "/functions/payment",
    "function-metrics": "/functions/report",
    "function-hostile": f"/functions/{quote(telemetry.HOSTILE, safe='')}",
    "queues": "/queues",
    "queue": "/queues/orders-q",
    "queue-dead": "/queues/orders-q-dlq",
    "costs": "/costs",
    "costs-events": "/costs/events?attribute=order.id",
    "costs-advice": "/costs/advice",
    "costs-prices": "/costs/prices",
    "costs-function": "/costs/functions/payment",
    "costs-hostile": f"/costs/functions/{quote(telemetry.HOSTILE, safe='')}",
    "events": "/events",
    "events-narrowed": "/events?status=error&max_duration_ms=500&correlation_id=ord-1003",
    "shapes": "/events/shapes",
    "correlation": "/events/correlation",
    "event": f"/find?q={event_telemetry.ORDER_TRACE}",
    "event-big": f"/find?q={event_telemetry.DOCUMENT_TRACE}",
    "event-saga": f"/find?q={_SAGA}",
    "event-hostile": f"/find?q={telemetry.HOSTILE_TRACE.hex()}",
    "alerts": "/alerts",
    "rules": "/alerts/rules",
    "rule-new": "/alerts/rules/new?metric=error_rate",
    "rule-wrong": "/alerts/rules/new?was=dlq_depth&metric=dlq_depth&threshold=many&window=1",
    "slos": "/alerts/slos",
    "slo-new": "/alerts/slos/new?kind=latency&latency_ms=800",
    "scorecard": "/alerts/scorecard",
    "targets": "/alerts/targets",
    "target": "/alerts/targets/on-call",
    "silences": "/alerts/silences",
    "traces": "/traces",
    "traces-one": "/traces?q=order.id%3Dord-1003",
    "traces-none": "/traces?q=order.id%3Dnone",
    "trace": f"/traces/{_SAGA}",
    "trace-span": f"/traces/{_SAGA}?span={_FAILED}",
    "trace-big": f"/traces/{telemetry.BIG_TRACE.hex()}",
    "trace-hostile": f"/traces/{telemetry.HOSTILE_TRACE.hex()}?span={666:016x}",
    "logs": "/logs",
    "series": "/series",
    "series-one": "/series/faas.mem_usage",
    "status": "/status",
    "error": "/traces/00000000000000000000000000000001",
}
STATES: Final = {
    "setup": "/setup",
    "alerts": "/alerts",
    "rules": "/alerts/rules",
    "rule-new": "/alerts/rules/new",
    "slos": "/alerts/slos",
    "scorecard": "/alerts/scorecard",
    "targets": "/alerts/targets",
    "silences": "/alerts/silences",
    "functions": "/functions",
    "function": "/functions/payment",
    "queues": "/queues",
    "queue": "/queues/orders-q-dlq",
    "costs": "/costs",
    "costs-advice": "/costs/advice",
    "events": "/events",
    "shapes": "/events/shapes",
    "correlation": "/events/correlation",
    "traces": "/traces",
    "logs": "/logs",
    "series": "/series",
}

README: Final = Path(__file__).parents[2] / "docs" / "screenshots"
_README_HEIGHT: Final = 860
_README_ORDER: Final = "ord-8841084dfe"  # waits in two queues and for a cold start
_STITCHING_S: Final = 3.0  # until everything sent is in its event trace


@contextmanager
def running(directory: Path) -> Iterator[Service]:
    """A collector with its web UI on free ports, in a thread of its own."""
    started, ended = threading.Event(), asyncio.Event()
    found: list[Service] = []
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        settings = load(db=directory / "screens.duckdb", http_port=0, grpc_port=0, web_port=0)
        service = Service(settings)
        await service.start()
        web = HttpServer(create_app(service, SampleData(service)), service.web_socket)
        await web.start()
        found.append(service)
        started.set()
        await ended.wait()
        await web.stop()
        await service.stop()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    if not started.wait(30):
        raise RuntimeError("the collector did not start")
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(30)


def send(service: Service, request: Request) -> None:
    """Posts one export as a sender would."""
    signal = next(word for prefix, word in _PATHS.items() if prefix in type(request).__name__)
    body = urllib.request.Request(
        f"{service.endpoints.http}/v1/{signal}",
        request.SerializeToString(),
        {"Content-Type": "application/x-protobuf"},
    )
    with urllib.request.urlopen(body, timeout=30) as answer:
        answer.read()


def photograph(browser: Browser, base: str, directory: Path, pages: Mapping[str, str]) -> None:
    """Every page (name: address), at two widths in two themes."""
    for width, height in ((1280, 800), (390, 844)):
        for theme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme
            )
            for name, path in pages.items():
                page = context.new_page()
                said: list[str] = []
                page.on("console", lambda message, said=said: said.append(message.text))  # type: ignore[misc]
                page.on("pageerror", lambda error, said=said: said.append(str(error)))  # type: ignore[misc]
                page.goto(base + path)
                page.wait_for_timeout(900 if page.query_selector("figure[data-figure]") else 200)
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    said.append(f"scrolls sideways: {wide} px")
                page.screenshot(path=directory / f"{name}-{width}-{theme}.png")
                for text in dict.fromkeys(said):
                    print(f"{name} {width} {theme}: {text[:300]}")
                page.close()
            context.close()


def alerted(service: Service) -> None:
    """Rules that fire and rules that do not, with hostile names; targets, a silence, objectives."""
    hostile = f"<b>Rule</b> of {telemetry.HOSTILE[:120]}"
    service.delivery.targets.add({"name": "on-call", "url": "http://127.0.0.1:9/hooks/T0KEN"})
    service.delivery.targets.add({"name": "chat", "url": "ntfy://127.0.0.1:9/alerts"})
    service.rules.add_all(starter_set("team-orders", ["on-call"]))
    service.rules.add({"name": hostile, "metric": "errors", "scope": {"function": "*"}})
    service.rules.add(
        {"name": "Orders are slow", "metric": "duration_p95_ms", "threshold": 10, "for": "1h",
         "scope": {"function": "*"}, "window": "1h", "severity": "info", "targets": ["chat"]}
    )  # fmt: skip
    for kind, more in (("availability", {}), ("latency", {"latency_ms": 800.0}), ("outcome", {})):
        service.objectives.add({"name": f"Orders: {kind}", "kind": kind, "objective": 0.99} | more)
    service.delivery.silences.add(
        {"group": "orders-*", "for": "2h", "reason": "Migration under way", "author": "ada"}
    )
    service.alerts.step()
    time.sleep(_STITCHING_S)


def every_state(browser: Browser, service: Service, directory: Path, names: list[str]) -> None:
    """Pages of an empty store, of a full one, and of one that does not answer."""
    base = service.endpoints.web
    if not names:
        photograph(browser, base, directory, {f"none-{n}": path for n, path in STATES.items()})
    now_ns = time.time_ns()
    for told in (telemetry, event_telemetry, health_telemetry):
        for request in told.everything(now_ns):
            send(service, request)
    time.sleep(_STITCHING_S)
    alerted(service)
    photograph(browser, base, directory, {name: PAGES[name] for name in names or PAGES})
    if not names:
        service.database.close()
        photograph(browser, base, directory, {f"down-{n}": path for n, path in STATES.items()})


def for_readme(browser: Browser, service: Service) -> None:
    """Five pages with the stories, 1280 px wide and light."""
    samples = SampleData(service)
    samples.start()
    while samples.progress.running:
        time.sleep(0.5)
    README.mkdir(parents=True, exist_ok=True)
    view = {"width": 1280, "height": _README_HEIGHT}
    page = browser.new_page(viewport=view, color_scheme="light", base_url=service.endpoints.web)  # type: ignore[arg-type]
    time.sleep(_STITCHING_S)
    page.goto("/?since=-15m")
    page.wait_for_selector("figure .points")
    page.locator(".tile .spark").nth(3).wait_for()
    page.screenshot(path=README / "overview.png")
    page.goto(f"/find?q={_README_ORDER}")
    page.locator("a.w.queue").first.wait_for()
    page.screenshot(path=README / "event.png")
    page.goto("/traces?since=-5m")
    page.wait_for_selector("figure .points")
    page.screenshot(path=README / "traces.png")
    page.goto("/logs?severity=info&since=-5m&q=ord-")
    page.locator(".log:has(.muted) > summary").first.click()
    page.wait_for_selector(".record")
    page.screenshot(path=README / "logs.png")
    page.goto("/traces?function=ocr&status=error&min_duration_ms=400&since=-5m")
    page.locator("tr:has(.badge.bad) .main-link").last.click()
    page.locator(".wf-row .t", has_text="process ocr").first.click()
    page.wait_for_selector("#detail .links")
    page.screenshot(path=README / "trace.png")


def main(arguments: list[str]) -> None:
    """Starts, sends, photographs."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        running(Path(scratch)) as service,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        if arguments == ["--readme"]:
            for_readme(browser, service)
        else:
            directory = Path(arguments[0])
            directory.mkdir(parents=True, exist_ok=True)
            every_state(browser, service, directory, arguments[1:])
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
