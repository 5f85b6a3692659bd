"""Firehose against the real process: what it answered stays, what it is sent again counts once."""

import http.client
import json
import random
import threading
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path

import duckdb

from tests.decode.aws.vectors import TIME_MS, datum, delivery, packed, subscription
from tests.end_to_end import serving
from tests.end_to_end.serving import Answer, Server

Serve = Callable[..., Server]


def deliver(server: Server, body: bytes, request_id: str) -> Answer:
    headers = {
        "Content-Type": "application/json",
        "X-Amz-Firehose-Request-Id": request_id,
        "X-Amz-Firehose-Source-Arn": "arn:aws:firehose:eu-west-1:1:deliverystream/d",
        "X-Amz-Firehose-Common-Attributes": '{"commonAttributes":{"env":"prod"}}',
    }
    return server.ask("POST", f"{server.http}/firehose", body, headers)


def large(number: int) -> bytes:
    """A delivery of 4,000 log lines and 200 data: several exports."""
    records = [
        packed(subscription(*(f"{number}-{record}-{line} {'x' * 500}" for line in range(200))))
        for record in range(20)
    ]
    data = [datum(metric_name=f"M{number}-{index}") for index in range(200)]
    return delivery([*records, "\n".join(map(json.dumps, data)).encode()], f"id-{number}")


def counted(db: Path) -> list[tuple[int, int]]:
    """All log lines and metrics, and the different ones."""
    with duckdb.connect(str(db), read_only=True) as connection:
        return [
            connection.execute(f"select count(*), count(distinct {key}) from {table}").fetchone()
            or (0, 0)
            for table, key in (("log_records", "body"), ("metric_points", "name"))
        ]


def test_a_process_killed_within_deliveries_neither_loses_nor_doubles(tmp_path: Path) -> None:
    """Killed at random moments of large deliveries; Firehose sends those again that had no 200."""
    db = tmp_path / "t.duckdb"
    chance = random.Random(7)
    answered: set[int] = set()
    for number in range(4):
        server = serving.start(db)
        kill = threading.Timer(chance.uniform(0.02, 0.25), server.kill)
        kill.start()
        for each in range(number + 1):
            try:
                if deliver(server, large(each), f"id-{each}").status == 200:
                    answered.add(each)
            except (OSError, urllib.error.URLError, http.client.HTTPException):
                break
        kill.join()
    server = serving.start(db)
    left = [each for each in range(4) if each not in answered]
    again = [deliver(server, large(each), f"id-{each}").status for each in left]
    assert server.stop() == 0

    assert set(again) <= {200}
    assert counted(db) == [(16_000, 16_000), (800, 800)]


def test_what_was_answered_survives_without_being_sent_again(tmp_path: Path) -> None:
    """Killed right after the answer."""
    db = tmp_path / "t.duckdb"
    server = serving.start(db)
    assert deliver(server, large(0), "id-0").status == 200
    server.kill()
    assert serving.start(db).stop() == 0

    assert counted(db) == [(4_000, 4_000), (200, 200)]


def test_what_firehose_delivers_is_found_in_the_api(serve: Serve) -> None:
    """A line by its function, a metric by its name, an hour that is over."""
    server = serve()
    shift_ms = int(time.time() * 1000) - TIME_MS - 60_000
    message = subscription("[ERROR] no stock for order o-17")
    message["logEvents"][0]["timestamp"] += shift_ms
    body = delivery([packed(message), json.dumps(datum(timestamp=TIME_MS + shift_ms)).encode()])
    assert deliver(server, body, "id-1").status == 200
    server.settle()
    [log] = server.get("/api/v1/logs", function="orders-worker")["logs"]
    names = [each["name"] for each in server.get("/api/v1/metrics")["metrics"]]

    assert log["body"] == "[ERROR] no stock for order o-17"
    assert "amazonaws.com/AWS/Lambda/Throttles" in names
