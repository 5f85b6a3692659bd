"""The platform's events of an attempt, as JSON logs and Telemetry API batches have them."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sample_data.written.aws import ACCOUNT, Post, telemetry

from .runs import MEMORY_MB, STOCK_REGION, US, VERSIONS, Run, log_stream, rfc3339, runs_of


def event(second: float, kind: str, record: Any) -> dict[str, Any]:
    return {"time": rfc3339(second), "type": kind, "record": record}


def init_start(run: Run, kind: str, second: float) -> dict[str, Any]:
    record = {
        "initializationType": kind,
        "phase": "init",
        "runtimeVersion": "python:3.13.v61",
        "runtimeVersionArn": f"arn:aws:lambda:{US}::runtime:9f1c",
        "functionName": run.function,
        "functionVersion": VERSIONS[run.function],
    }
    return event(second, "platform.initStart", record)


def init_report(second: float, kind: str, duration_ms: float) -> dict[str, Any]:
    metrics = {"durationMs": duration_ms}
    record = {"initializationType": kind, "phase": "init", "status": "success", "metrics": metrics}
    return event(second, "platform.initReport", record)


def provisioned_init(run: Run) -> list[dict[str, Any]]:
    kind = "provisioned-concurrency"
    return [init_start(run, kind, 5.0), init_report(5.702, kind, 702.3)]


def start(run: Run) -> dict[str, Any]:
    record = {"requestId": run.request_id, "version": VERSIONS[run.function]}
    return event(run.second, "platform.start", record)


def platform_report(run: Run) -> dict[str, Any]:
    metrics: dict[str, Any] = {
        "durationMs": run.duration_ms,
        "billedDurationMs": run.billed_ms,
        "memorySizeMB": MEMORY_MB[run.function],
        "maxMemoryUsedMB": run.used_mb,
    }
    if run.init_ms is not None:
        metrics["initDurationMs"] = run.init_ms
    record = {"requestId": run.request_id, "metrics": metrics, "status": run.status}
    if run.error_type is not None:
        record["errorType"] = run.error_type
    return event(run.ended, "platform.report", record)


def runtime_done(run: Run) -> dict[str, Any]:
    latency = {"name": "responseLatency", "start": rfc3339(run.second), "durationMs": 1.9}
    record: dict[str, Any] = {"requestId": run.request_id, "status": run.status}
    if run.status == "success":
        record |= {"metrics": {"durationMs": run.duration_ms - 1, "producedBytes": 118}}
        record["spans"] = [latency]
    return event(run.ended, "platform.runtimeDone", record)


def batches() -> Iterator[tuple[float, Post]]:
    """The Telemetry API batches of checkout-stock: the report comes with the next invocation."""
    runs = sorted(runs_of("checkout-stock"), key=lambda run: (run.environment, run.second))
    for environment, group in groupby(runs, key=lambda run: run.environment):
        owed: list[dict[str, Any]] = []
        run = None
        for run in group:
            if run.init_ms is not None:
                began = run.second - run.init_ms / 1000 - 0.002
                owed.append(init_start(run, "on-demand", began))
                owed.append(init_report(run.second - 0.002, "on-demand", run.init_ms))
            owed += [start(run), runtime_done(run)]
            yield run.ended + 0.03, _batch(run, owed)
            owed = [platform_report(run)]
        assert run is not None
        last = _batch(run, owed)
        yield run.ended + 20, last
        if environment == "s1":
            yield run.ended + 21, last  # the extension had no answer and sent it again


def _batch(run: Run, events: Sequence[dict[str, Any]]) -> Post:
    headers = {
        "Lambda-Function-Name": run.function,
        "Lambda-Function-Version": VERSIONS[run.function],
        "Lambda-Log-Stream": log_stream(run),
        "Lambda-Region": STOCK_REGION,
        "Lambda-Account-Id": ACCOUNT,
    }
    return telemetry(headers, events)
