"""Alerts of a process that is killed: each change is told once, whenever the end came."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests import build
from tests.end_to_end.serving import Server, until

RULE = {"name": "Failing", "metric": "errors", "scope": {"function": "*"}, "window": "1h"}
CONFIG = "[alerts]\nevaluate_every_s = 0.3\ndelay_s = 0\n"


def fail(server: Server, function: str) -> None:
    """One invocation of a function that failed just now."""
    span = build.span(
        trace_id=uuid.uuid4().bytes, start_ns=time.time_ns() - 10**9, error="boom",
        attributes={"faas.invocation_id": str(uuid.uuid4())},
    )  # fmt: skip
    request = build.export_request(span, resource=build.resource(faas__name=function))
    assert server.send("traces", request.SerializeToString()).status == 200


def fired(server: Server) -> list[str]:
    """The functions whose alert was told to fire, once for each time it was."""
    changes = server.get("/api/v1/alerts/history", limit=1000)["changes"]
    return [each["group"] for each in changes if each["state"] == "firing"]


def test_killed_at_any_moment_each_alert_is_told_once(
    tmp_path: Path, serve: Callable[..., Server]
) -> None:
    """Functions fail one after another while the process is killed at random moments."""
    config = tmp_path / "alerts.toml"
    config.write_text(CONFIG)
    moments = Random(7)
    server = serve("--config", str(config))
    body = json.dumps(RULE).encode()
    made = server.ask(
        "POST", f"{server.web}/api/v1/alerts/rules", body, {"Content-Type": "application/json"}
    )
    assert made.status == 201
    functions = [f"killed-{number}" for number in range(2)]
    for function in functions:
        fail(server, function)
        time.sleep(moments.uniform(0, 1.2))
        server.kill()
        server = serve("--config", str(config))
    until(lambda: set(fired(server)) == set(functions), timeout_s=60)

    assert Counter(fired(server)) == dict.fromkeys(functions, 1)
    firing = server.get("/api/v1/alerts", state="firing")["alerts"]
    assert sorted(each["group"] for each in firing) == functions
