"""``lockstitch import``: the recorded stories from their files, as often as one likes."""

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pytest

from tests.decode.aws.vectors import START, START_LINE, TWO_METRICS, delivery
from tests.end_to_end import serving
from tests.end_to_end.serving import ROOT, Server

CAPTURES = sorted(str(path) for path in (ROOT / "sample_data").glob("*/*.otlp.pb.gz"))
# Nine exports of ten are of two long recordings.
SHORT = [path for path in CAPTURES if "order-saga" not in path and "pipeline" not in path]
of_stories = pytest.mark.parametrize(
    "captures",
    [pytest.param(SHORT, id="short"), pytest.param(CAPTURES, id="all", marks=pytest.mark.slow)],
)


def imported(*arguments: str, files: Sequence[str]) -> None:
    """Runs the import; anything but success fails the test."""
    ended = serving.run("import", *arguments, *files, timeout_s=240)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def rows(db: Path) -> dict[str, int]:
    """How many records of each kind a database no process has open holds."""
    with duckdb.connect(str(db), read_only=True) as connection:
        names = ("spans", "span_links", "span_events", "log_records", "metric_points")
        return {
            name: connection.execute(f"select count(*) from {name}").fetchall()[0][0]
            for name in names
        }


@of_stories
def test_importing_twice_adds_nothing_the_second_time(tmp_path: Path, captures: list[str]) -> None:
    """The same exports count once, also in another process than the first time."""
    db = tmp_path / "t.duckdb"
    imported("--db", str(db), files=captures)
    once = rows(db)
    imported("--db", str(db), files=captures)

    assert once["spans"] > 400
    assert once["log_records"] > 0
    assert once["metric_points"] > 0
    assert rows(db) == once


@of_stories
def test_importing_into_a_running_collector_stores_the_same(
    tmp_path: Path, serve: Callable[..., Server], captures: list[str]
) -> None:
    """``--to`` sends them over OTLP/HTTP, with a token where one is wanted."""
    here = tmp_path / "here.duckdb"
    few = [path for path in captures if "metrics" in path]
    imported("--db", str(here), files=few)
    server = serve()
    token = serving.run("token", "new", "import", "--db", str(server.db)).stdout.strip()
    imported("--to", server.http, "--token", token, files=few)
    assert server.stop() == 0

    assert rows(server.db) == rows(here)


@pytest.mark.parametrize("text", ["not telemetry", '{"resourceSpans": [{"x'])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    """Exit code 2, one sentence, nothing half done to the others."""
    broken = tmp_path / "traces-broken.jsonl"
    broken.write_text(text)
    db = tmp_path / "t.duckdb"
    ended = serving.run("import", "--db", str(db), str(broken), CAPTURES[0])

    assert ended.returncode == 2
    assert str(broken) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert sum(rows(db).values()) > 0


def test_a_firehose_body_and_a_log_export_are_imported_once(tmp_path: Path) -> None:
    """Both twice; the log export says which function it is of by option."""
    body, export = tmp_path / "firehose.json", tmp_path / "tail.log"
    body.write_bytes(delivery([TWO_METRICS, START_LINE, "***"]))
    export.write_text(f"2026-11-20T15:00:00.000Z {START}2026-11-20T15:00:01.000Z done\n")
    db = tmp_path / "t.duckdb"
    for _ in range(2):
        imported(
            *("--db", str(db), "--log-group", "/aws/lambda/orders-worker"),
            files=[str(body), str(export)],
        )

    assert (rows(db)["metric_points"], rows(db)["log_records"]) == (2, 3)
