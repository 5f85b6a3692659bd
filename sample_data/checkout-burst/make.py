"""Checkout burst: AWS Lambda without any SDK, told of by Firehose and the Telemetry API alone.

`runs.py` is the story: every invocation that ran. The figures in the README are counted from it by
hand; metrics, log events and batches are what AWS makes of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from sample_data.written.aws import Post, firehose, probe, stream_json, stream_otlp, subscription
from sample_data.written.captures import Captures

from .counts import eu_points, lambda_points, queue_points
from .lines import json_lines, text_lines
from .platform import batches
from .runs import CORRECTED, EU, MINUTES, MISSED, RUNS, US, Run, log_stream


def metric_deliveries() -> Iterator[tuple[float, Post]]:
    """One delivery a minute and stream, a minute and a quarter after the minute began."""
    for minute in range(MINUTES):
        second = minute * 60 + 75
        early = [
            replace(point, samples=point.samples - MISSED, total=point.total - MISSED)
            if minute == CORRECTED and point.name == "Throttles" and point.total
            else point
            for point in lambda_points(minute)
        ]
        # Two records of one delivery; the first holds messages of different lengths.
        records = [stream_otlp(part, US, "fleet") for part in (early, queue_points(minute)) if part]
        name = f"metrics {minute}"
        yield second, firehose(name, "metrics", second, filter(None, records), US)
        if told := list(eu_points(minute)):
            record = stream_json(told, EU, "fleet-eu")
            yield second + 1, firehose(f"eu {minute}", "metrics-eu", second + 1, [record], EU)
    corrected = [p for p in lambda_points(CORRECTED) if p.name == "Throttles"]
    record = stream_otlp(corrected, US, "fleet")
    yield 570, firehose("metrics 6 corrected", "metrics", 570, [record], US)


def log_deliveries() -> Iterator[tuple[float, Post]]:
    """One delivery a minute with the log events of each environment in a record of its own."""
    yield 2, firehose("probe", "logs", 2, [probe(1)], US)
    logged = [run for run in RUNS if run.function != "checkout-stock"]
    for minute, group in groupby(sorted(logged, key=lambda run: run.second), lambda r: r.minute):
        runs = list(group)
        second = minute * 60 + 70
        post = firehose(f"logs {minute}", "logs", second, list(_envelopes(runs)), US)
        yield second, post
        if minute == 5:  # the answer was lost: the same request again
            yield second + 1, post
    again = [run for run in RUNS if run.environment == "w1" and run.minute == 3]
    # Another delivery with log events that were delivered already: at least once, not exactly.
    yield 280, firehose("logs 3 once more", "logs", 280, list(_envelopes(again)), US)


def _envelopes(runs: Sequence[Run]) -> Iterator[bytes]:
    by_stream = sorted(runs, key=lambda run: (run.function, run.environment, run.second))
    for (function, _), group in groupby(by_stream, lambda run: (run.function, run.environment)):
        mine = list(group)
        told = json_lines if function in ("checkout-api", "checkout-tax") else text_lines
        events = [line for run in mine for line in told(run)]
        yield subscription(f"/aws/lambda/{function}", log_stream(mine[0]), events)


def captures() -> Captures:
    """Every request in order of arrival."""
    every = [*metric_deliveries(), *log_deliveries(), *batches()]
    return Captures(posts=[post for _, post in sorted(every, key=lambda entry: entry[0])])
