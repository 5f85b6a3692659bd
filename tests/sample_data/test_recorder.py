"""The recorder's own parts: what it writes can be read, what it plays looks like the original."""

import json
from pathlib import Path

from collector.batch import Signal
from sample_data.recorder import telemetry_events
from sample_data.recorder.captures import write_delimited
from sample_data.recorder.extension import body_text
from sample_data.recorder.figures import Figures
from sample_data.recorder.readme import BEGIN, END, with_figures
from tests.sample_data.captured import expected, recorded
from web import otlp_files

RECORDER = Path(__file__).parent.parent.parent / "sample_data" / "recorder"
REQUEST_ID = "8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11"
AT_NS = 1_795_186_812_741_000_000


def test_captures_are_read_back_as_written(tmp_path: Path) -> None:
    """Messages of every length around the varint's steps survive."""
    bodies = [bytes(length) for length in (1, 127, 128, 16_383, 16_384, 70_000)]
    path = tmp_path / "traces.otlp.pb.gz"

    write_delimited(path, bodies)

    assert [body for _, body in otlp_files.read(path, Signal.TRACES)] == bodies


def test_a_cold_report_reads_as_the_receiver_writes_it() -> None:
    """One space between fields, the init phase billed and named."""
    event = telemetry_events.report(
        AT_NS,
        REQUEST_ID,
        "success",
        None,
        duration_ms=675.2,
        init_ms=548.71,
        memory_mb=512,
        max_memory_mb=148,
    )

    assert event["time"] == "2026-11-20T15:00:12.741Z"
    assert body_text(event) == (
        f"REPORT RequestId: {REQUEST_ID} Duration: 675.20 ms Billed Duration: 1224 ms "
        "Memory Size: 512 MB Max Memory Used: 148 MB Init Duration: 548.71 ms"
    )


def test_a_timeout_report_has_its_status_and_no_init() -> None:
    """Status fields are there only when it was no success."""
    event = telemetry_events.report(
        AT_NS,
        REQUEST_ID,
        "timeout",
        None,
        duration_ms=6000.0,
        init_ms=None,
        memory_mb=128,
        max_memory_mb=41,
    )

    assert body_text(event).endswith("Max Memory Used: 41 MB Status: timeout")


def test_figures_replace_only_what_lies_between_the_marks() -> None:
    """The words around the figures are kept."""
    text = f"before\n{BEGIN}\nstale words\n{END}\nafter\n"
    figures = Figures(**expected(recorded()[0])["figures"])

    replaced = with_figures(text, figures)

    assert replaced.startswith(f"before\n{BEGIN}\n| figure | value |")
    assert replaced.endswith(f"{END}\nafter\n")
    assert "stale words" not in replaced


def test_the_node_packages_are_pinned_by_hash_and_name_no_host() -> None:
    """The lock file works with any registry."""
    lock = json.loads((RECORDER / "node" / "package-lock.json").read_text())
    packages = [each for name, each in lock["packages"].items() if name]

    assert all(each["integrity"].startswith("sha512-") for each in packages)
    assert not any("resolved" in each for each in packages)
