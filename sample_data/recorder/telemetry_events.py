"""Telemetry API events of an execution environment, as Lambda's own telemetry tells them.

Shapes: "Lambda Telemetry API Event schema reference", schema version 2022-12-13. Pure: times in ns
in, JSON-ready events out.
"""

import math
from datetime import UTC, datetime
from typing import Any

Event = dict[str, Any]

RUNTIME_VERSIONS = {
    "python3.11": "python:3.11.v112",
    "nodejs20.x": "nodejs:20.v98",
    "java17": "java:17.v60",
}
RUNTIME_HASH = "8b0ac8af2c4ba9ccf2d3d31ecb4c5ac2c4d3a7f5e9d7b6a19c4e1f0d2b3a4c5d"


def rfc3339_ms(at_ns: int) -> str:
    """`2026-11-20T15:00:12.052Z`: the only time format the Telemetry API knows."""
    at = datetime.fromtimestamp(at_ns // 1_000_000 / 1000, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _event(at_ns: int, kind: str, record: Any) -> Event:
    return {"time": rfc3339_ms(at_ns), "type": kind, "record": record}


def _tracing(trace_header: str, segment_id: str) -> Event:
    return {"spanId": segment_id, "type": "X-Amzn-Trace-Id", "value": trace_header}


def init_start(at_ns: int, function: str, version: str, runtime: str, instance_id: str) -> Event:
    arn = f"arn:aws:lambda:eu-west-1::runtime:{RUNTIME_HASH}"
    record = {
        "initializationType": "on-demand",
        "phase": "init",
        "runtimeVersion": RUNTIME_VERSIONS[runtime],
        "runtimeVersionArn": arn,
        "functionName": function,
        "functionVersion": version,
        "instanceId": instance_id,
    }
    return _event(at_ns, "platform.initStart", record)


def init_done(at_ns: int, duration_ms: float) -> list[Event]:
    base = {"initializationType": "on-demand", "phase": "init", "status": "success"}
    return [
        _event(at_ns, "platform.initRuntimeDone", base),
        _event(at_ns, "platform.initReport", base | {"metrics": {"durationMs": duration_ms}}),
    ]


def start(at_ns: int, request_id: str, version: str, trace_header: str, segment_id: str) -> Event:
    tracing = _tracing(trace_header, segment_id)
    record = {"requestId": request_id, "version": version, "tracing": tracing}
    return _event(at_ns, "platform.start", record)


def function_line(at_ns: int, line: str) -> Event:
    return _event(at_ns, "function", line)


def runtime_done(
    at_ns: int,
    request_id: str,
    status: str,
    error_type: str | None,
    duration_ms: float,
    produced_bytes: int,
) -> Event:
    metrics: Event = {"durationMs": duration_ms}
    if status == "success":
        metrics["producedBytes"] = produced_bytes
    record = {"requestId": request_id, "status": status, "metrics": metrics}
    if error_type:
        record["errorType"] = error_type
    return _event(at_ns, "platform.runtimeDone", record)


def billed_ms(duration_ms: float, init_ms: float | None) -> int:
    """Whole milliseconds billed: the init phase counts since 2025-08-01."""
    return math.ceil(duration_ms + (init_ms or 0.0))


def report(
    at_ns: int,
    request_id: str,
    status: str,
    error_type: str | None,
    *,
    duration_ms: float,
    init_ms: float | None,
    memory_mb: int,
    max_memory_mb: int,
) -> Event:
    metrics: Event = {
        "durationMs": duration_ms,
        "billedDurationMs": billed_ms(duration_ms, init_ms),
        "memorySizeMB": memory_mb,
        "maxMemoryUsedMB": max_memory_mb,
    }
    if init_ms is not None:
        metrics["initDurationMs"] = init_ms
    record: Event = {"requestId": request_id, "status": status, "metrics": metrics}
    if error_type:
        record["errorType"] = error_type
    return _event(at_ns, "platform.report", record)
