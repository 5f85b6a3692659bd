"""One recording from an empty cloud to the last telemetry: starts everything, ends everything."""

import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from .cloud import Cloud
from .control import LambdaDoorServer
from .event_sources import QueuePoller
from .lambda_service import LambdaService
from .launch import Launcher
from .otlp_sink import OtlpSink
from .telemetry import PlatformTelemetry
from .truth import Attempt

SAMPLE_DATA = Path(__file__).parent.parent
DRAIN_LIMIT_S = 180.0
# Longer than the SDKs' log batches wait, so that none is lost when environments shut down.
LAST_WORDS_S = 1.5


@dataclass(frozen=True)
class Recording:
    """What came out of a run: the exports, the platform's batches and the truth."""

    exports: dict[str, list[bytes]]
    telemetry_api: Sequence[str]
    attempts: Sequence[Attempt]
    outcomes: dict[str, str]
    dead_letters: dict[str, list[dict[str, Any]]]
    given_up: list[tuple[str, str]]


def load_story(name: str) -> ModuleType:
    """Loads `sample_data/<name>/story.py`; the folder's name need not be a Python name."""
    path = SAMPLE_DATA / name / "story.py"
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), path)
    if spec is None or spec.loader is None or not path.exists():
        raise SystemExit(f"no story {name!r}: expected {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def cloud_server(door_url: str) -> Iterator[str]:
    """Runs the played cloud in a process of its own; yields its URL."""
    command = [sys.executable, "-m", "sample_data.recorder.cloud_server", door_url]
    process = subprocess.Popen(
        command,
        cwd=SAMPLE_DATA.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            raise SystemExit(f"the played cloud does not start: see {' '.join(command)}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def record(name: str, node_modules: Path) -> Recording:
    """Runs one story; a few minutes of real time."""
    story = load_story(name)
    sink = OtlpSink()
    telemetry = PlatformTelemetry(sink.keep)
    door = LambdaDoorServer()
    with cloud_server(door.url) as cloud_url:
        cloud = Cloud(cloud_url)
        story.build(cloud)
        service = LambdaService(
            functions=story.FUNCTIONS,
            code=SAMPLE_DATA / name / "functions",
            launcher=Launcher(cloud_url, sink.url, node_modules, story.BUCKETS),
            telemetry=telemetry,
            event_id_pattern=story.EVENT_ID_PATTERN,
            idle_limit_s=story.IDLE_LIMIT_S,
        )
        door.service = service
        pollers = [QueuePoller(source, service, cloud_url) for source in story.SOURCES]
        story.run(lambda function, event: _call(service, function, event), cloud)
        drain(service, pollers)
        time.sleep(LAST_WORDS_S)
        for poller in pollers:
            poller.stop()
        service.close()
        dead = {queue: cloud.messages(queue) for queue in story.DEAD_LETTER_QUEUES}
        outcomes = story.outcomes(cloud, dead)
    door.close()
    sink.close()
    signals = ("traces", "logs", "metrics")
    return Recording(
        exports={signal: list(sink.exports(signal)) for signal in signals},
        telemetry_api=telemetry.raw_lines(),
        attempts=service.ledger.attempts(),
        outcomes=outcomes,
        dead_letters=dead,
        given_up=service.given_up,
    )


def drain(service: LambdaService, pollers: Sequence[QueuePoller]) -> None:
    """Waits until nothing is queued, in flight or about to be retried, twice in a row."""
    deadline = time.monotonic() + DRAIN_LIMIT_S
    quiet = 0
    while quiet < 2:
        if service.troubles:
            raise service.troubles[0]
        if time.monotonic() > deadline:
            raise SystemExit("the story does not come to rest: look for a message nobody takes")
        time.sleep(1)
        waiting = service.busy or any(poller.outstanding() for poller in pollers)
        quiet = 0 if waiting else quiet + 1


def _call(service: LambdaService, function: str, event: Any) -> bytes:
    return service.invoke(function, event, source="api").payload
