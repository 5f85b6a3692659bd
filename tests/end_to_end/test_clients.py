"""Real clients send the known story; it comes back over the JSON API and on the pages."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end import story
from tests.end_to_end.browsing import Visit
from tests.end_to_end.serving import ROOT, Server
from tests.end_to_end.toolchain import needed

HERE = Path(__file__).parent
PYTHON: list[str | Path] = [sys.executable, HERE / "python" / "send.py"]
HTTP, GRPC = "http/protobuf", "grpc"
encodings = pytest.mark.parametrize(
    "options", [{}, {"compression": "gzip"}], ids=["identity", "gzip"]
)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """The Node program with the packages its lock file names, installed outside the tree."""
    npm, program = needed("npm"), tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", ".npmrc", "send.js"):
        (program / name).write_bytes((HERE / "node" / name).read_bytes())
    install = [npm, "ci", "--ignore-scripts", "--prefer-offline", "--no-progress"]
    subprocess.run(install, cwd=program, check=True, capture_output=True, timeout=240)
    return [needed("node"), program / "send.js"]


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """The Go program, built outside the tree; Go's own cache makes the second build quick."""
    program = tmp_path_factory.mktemp("go") / "send"
    build = [needed("go"), "build", "-mod=readonly", "-o", str(program), "."]
    subprocess.run(build, cwd=HERE / "go", check=True, capture_output=True, timeout=280)
    return [program]


@encodings
def test_the_python_sdk_over_http_is_read_back(server: Server, options: dict[str, str]) -> None:
    """OTLP/HTTP with protobuf bodies, plain and gzip."""
    told = story.tell(server, PYTHON, protocol=HTTP, **options)

    story.assert_all(server, told)


@encodings
def test_the_python_sdk_over_grpc_is_read_back(server: Server, options: dict[str, str]) -> None:
    """OTLP/gRPC, plain and gzip."""
    told = story.tell(server, PYTHON, protocol=GRPC, **options)

    story.assert_all(server, told)


@encodings
def test_the_node_sdk_is_read_back(
    server: Server, node: list[str | Path], options: dict[str, str]
) -> None:
    """The Node SDK's own choice: OTLP/HTTP with protobuf in chunks of unknown total length."""
    told = story.tell(server, node, protocol=HTTP, **options)

    story.assert_all(server, told)


@pytest.mark.parametrize("protocol", [HTTP, GRPC])
@encodings
def test_the_go_sdk_is_read_back(
    server: Server, go: list[str | Path], protocol: str, options: dict[str, str]
) -> None:
    """Go's OTLP exporters, over HTTP and gRPC."""
    told = story.tell(server, go, protocol=protocol, **options)

    story.assert_all(server, told)


def test_curl_with_the_readmes_own_line_is_read_back(server: Server) -> None:
    """The JSON a newcomer pastes from README.md arrives as the span it says."""
    needed("curl")
    readme = (ROOT / "README.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    line = next(block for block in blocks if "curl" in block)

    pasted = line.replace("http://127.0.0.1:4318", server.http)
    answer = subprocess.run(
        ["sh", "-c", pasted], capture_output=True, text=True, check=True, timeout=60
    )

    assert answer.stdout == "{}", answer.stdout + answer.stderr
    server.settle()
    trace = server.get("/api/v1/traces/5b8efff798038103d269b633813fc60c")
    assert [(s["name"], s["service"], s["kind"]) for s in trace["spans"]] == [
        ("say hello", "hello", "server")
    ]


def test_what_a_client_sent_is_seen_in_the_browser(
    server: Server, visit: Callable[..., Visit]
) -> None:
    """From the search box with an order number to its event, trace, failed span and log record."""
    told = story.tell(server, PYTHON, protocol=HTTP)
    page = visit(server.web).open("/traces")

    page.locator("input[type=search]").first.fill(told.order)
    page.keyboard.press("Enter")
    page.wait_for_url("**/events/**")
    page.locator(f"a[href*='/traces/{told.trace_id}']").last.click()
    page.wait_for_url(f"**/traces/{told.trace_id}**")
    page.get_by_role("link", name="charge card").first.click()

    page.locator("#detail").get_by_text("card declined", exact=True).wait_for()
    page.get_by_text(f"card declined for {told.order}").first.wait_for()


def test_a_clients_log_and_metric_are_seen_in_the_browser(
    serve: Callable[..., Server], visit: Callable[..., Visit]
) -> None:
    """The log search finds the words and leads to the trace; the metric has a page.

    The server is its own: a metric's page shows few functions by name, and those of the shared
    server are as many as tests ran before.
    """
    server = serve()
    told = story.tell(server, PYTHON, protocol=HTTP)
    page = visit(server.web).open(f"/logs?q={told.order}")

    assert page.get_by_text(f"card declined for {told.order}").first.is_visible()
    page.get_by_text(f"card declined for {told.order}").first.click()
    page.locator(f"a[href*='{told.trace_id}']").first.wait_for()
    page.goto(f"{server.web}/series")
    page.get_by_role("link", name="checkout.orders").first.click()
    page.wait_for_url("**/series/checkout.orders**")
    page.get_by_label("Split by").select_option("function")
    page.locator("table", has_text=told.function).first.wait_for()
