"""Checkout burst: AWS Lambda without any SDK, told of by Firehose and the Telemetry API alone.

`RUNS` is the story: every invocation that ran. The figures in the README are counted from it by
hand; the metrics, log events and batches below are what AWS makes of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

from sample_data.written import otlp
from sample_data.written.aws import (
    ACCOUNT,
    Point,
    Post,
    compact,
    firehose,
    probe,
    stream_json,
    stream_otlp,
    subscription,
    telemetry,
)
from sample_data.written.captures import Captures

MINUTES: Final = 20
US, EU, STOCK_REGION = "us-east-1", "eu-west-1", "us-west-2"
TIMEOUT_MS: Final = 6000


@dataclass(frozen=True)
class Run:
    """One attempt of one function: ``second`` after the story's start, in one environment."""

    function: str
    environment: str
    second: float
    duration_ms: float
    billed_ms: int
    used_mb: int
    init_ms: float | None = None
    restore_ms: tuple[float, int] | None = None
    """Restore duration, and how much of it is billed."""
    status: str = "success"
    error_type: str | None = None
    request: str | None = None
    """Set where attempts share one request id: asynchronous retries."""

    @property
    def request_id(self) -> str:
        return otlp.uuid(self.request or f"{self.function} {self.environment} {self.second}")

    @property
    def minute(self) -> int:
        return int(self.second // 60)

    @property
    def ended(self) -> float:
        return self.second + self.duration_ms / 1000

    @property
    def oom(self) -> bool:
        return self.used_mb >= MEMORY_MB[self.function]


MEMORY_MB: Final = {
    "checkout-api": 512,
    "checkout-worker": 256,
    "checkout-receipt": 128,
    "checkout-fraud": 1024,
    "checkout-import": 128,
    "checkout-tax": 256,
    "checkout-stock": 512,
}
VERSIONS: Final = {
    "checkout-api": "42",
    "checkout-worker": "17",
    "checkout-receipt": "8",
    "checkout-fraud": "21",
    "checkout-import": "3",
    "checkout-tax": "11",
    "checkout-stock": "5",
}


def _api() -> Iterator[Run]:
    """Two provisioned environments all along; four more are started cold in the burst."""
    provisioned = {
        "p1": (70, 130, 190, 301, 311, 361, 371, 610),
        "p2": (75, 135, 195, 302, 312, 362, 372),
    }
    for environment, seconds in provisioned.items():
        for second in seconds:
            yield Run("checkout-api", environment, second, 39.6, 40, 128)
    for number in range(1, 5):
        environment = f"d{number}"
        yield Run("checkout-api", environment, 303 + number / 10, 300.0, 1001, 139, init_ms=700.5)
        warm = Run("checkout-api", environment, 320 + number / 10, 55.2, 56, 141)
        bad = number == 2
        yield replace(warm, status="error" if bad else "success", error_type=_refused(bad))
        yield replace(warm, second=365 + number / 10)


def _refused(bad: bool) -> str | None:
    return "CardRefused" if bad else None


def _worker() -> Iterator[Run]:
    """A timeout, and one order so large that it kills three environments."""
    name = "checkout-worker"
    yield Run(name, "w1", 62.052, 675.2, 1224, 148, init_ms=548.71)
    yield Run(name, "w1", 125, 120.0, 120, 150)
    yield Run(name, "w1", 185, 120.0, 120, 150)
    yield Run(name, "w1", 305, TIMEOUT_MS, TIMEOUT_MS, 152, status="timeout")
    for environment, second in (("w2", 320), ("w3", 430), ("w4", 540)):
        killed = Run(name, environment, second, 2100.0, 2660, 256, init_ms=560.0)
        yield replace(killed, status="error", error_type="Runtime.ExitError")
    yield Run(name, "w5", 605, 150.0, 691, 149, init_ms=540.3)
    yield Run(name, "w5", 662, 110.5, 111, 149)
    yield Run(name, "w5", 725, 110.5, 111, 149)


def _receipt() -> Iterator[Run]:
    """One asynchronous invocation that gets through at the third attempt, and one at once."""
    name = "checkout-receipt"
    first = Run(name, "r1", 121, 90.0, 391, 68, init_ms=300.1, request="receipt 1")
    yield replace(first, status="error", error_type="MailServerBusy")
    second = replace(first, second=182, duration_ms=80.0, billed_ms=80, init_ms=None)
    yield replace(second, status="error", error_type="MailServerBusy")
    yield Run(name, "r1", 245, 60.0, 60, 70, request="receipt 2")
    yield Run(name, "r1", 303, 85.0, 85, 70, request="receipt 1")


def _fraud() -> Iterator[Run]:
    """Java with SnapStart: environments are restored from a snapshot, not started cold."""
    name = "checkout-fraud"
    yield Run(name, "f1", 130, 2338.66, 2521, 305, restore_ms=(398.97, 182))
    yield Run(name, "f1", 250, 44.5, 45, 305)
    yield Run(name, "f2", 365, 2300.0, 2490, 310, restore_ms=(402.1, 190))


def _import() -> Iterator[Run]:
    """A package is missing: the init fails, is tried again in the invocation, and fails again."""
    for environment, second in (("i1", 485), ("i2", 545)):
        failed = Run("checkout-import", environment, second, 162.3, 163, 40, status="error")
        yield replace(failed, error_type="Runtime.ImportModuleError")


def _tax() -> Iterator[Run]:
    """Its system log level is WARN: of a success, the platform says nothing."""
    for second in (65, 128, 255):
        cold = 210.0 if second == 65 else None
        yield Run("checkout-tax", "t1", second, 30.0, 30, 90, init_ms=cold)


def _stock() -> Iterator[Run]:
    """In another region, without a log subscription: an extension forwards the Telemetry API."""
    name = "checkout-stock"
    yield Run(name, "s1", 303, 675.2, 1224, 148, init_ms=548.71)
    yield Run(name, "s1", 310, 33.1, 34, 148)
    yield Run(name, "s2", 311, 3000.0, 3513, 120, init_ms=512.4, status="timeout")
    yield Run(name, "s1", 370, 35.2, 36, 148)


RUNS: Final = [
    *_api(),
    *_worker(),
    *_receipt(),
    *_fraud(),
    *_import(),
    *_tax(),
    *_stock(),
]
# Calls that were refused, by function and minute; those of minute 6 were first told as 30.
THROTTLES: Final = {("checkout-api", 5): 18, ("checkout-api", 6): 42}
CORRECTED: Final = 6
MISSED: Final = 12
"""Throttled calls that the first word on the corrected minute leaves out, in every aggregate."""
CONCURRENCY: Final = {("checkout-api", 5): 6, ("checkout-api", 6): 6}
# In the EU only the metric stream is set up: minute -> invocations, errors, throttles.
EU_MINUTES: Final = {1: (5, 0, 0), 2: (7, 2, 4), 4: (3, 0, 0)}
QUEUE_MINUTES: Final = {5: (14, 40), 6: (9, 95), 7: (2, 20), 8: (1, 70), 9: (1, 10), 10: (0, 0)}
DEAD_SINCE_S: Final = 545


def log_stream(run: Run) -> str:
    """The environment's log stream, which is its name."""
    hexes = otlp.trace_id(f"{run.function} {run.environment}").hex()
    return f"2026/11/20/[{VERSIONS[run.function]}]{hexes}"


def rfc3339(second: float) -> str:
    """The platform's time format: milliseconds, Z."""
    ms = round(second * 1000)
    return f"2026-11-20T15:{ms // 60_000:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}Z"


# --- what CloudWatch Logs has of it ---------------------------------------------------------------

Line = tuple[float, str]


def text_lines(run: Run) -> Iterator[Line]:
    """The lines of one attempt where the log format is text."""
    me, version = run.request_id, VERSIONS[run.function]
    yield from _before(run)
    yield run.second, f"START RequestId: {me} Version: {version}\n"
    if run.function == "checkout-worker" and run.status == "success":
        stamp = rfc3339(run.second + 0.05)
        yield run.second + 0.05, f"[INFO]\t{stamp}\t{me}\torder handled\n"
    if run.status == "timeout":
        seconds = run.duration_ms / 1000
        stamp = rfc3339(run.ended)
        yield run.ended, f"{stamp} {me} Task timed out after {seconds:.2f} seconds\n\n"
    if run.oom:
        died = "Error: Runtime exited with error: signal: killed"
        yield run.ended, f"RequestId: {me} {died}\nRuntime.ExitError\n"
    yield run.ended, f"END RequestId: {me}\n"
    yield run.ended, _report(run)


def _before(run: Run) -> Iterator[Line]:
    """What is said of the environment's start, before its first START."""
    runtime = "java:21.v33" if run.restore_ms else "python:3.13.v61"
    told = f"Runtime Version: {runtime}\tRuntime Version ARN: arn:aws:lambda:{US}::runtime:9f1c\n"
    if run.restore_ms:
        began = run.second - run.restore_ms[0] / 1000
        yield began, f"RESTORE_START {told}"
        yield run.second - 0.002, f"RESTORE_REPORT Restore Duration: {run.restore_ms[0]:.2f} ms\n"
    elif run.error_type == "Runtime.ImportModuleError":
        why = f"Status: error\tError Type: {run.error_type}\n"
        yield run.second - 0.2, f"INIT_START {told}"
        yield run.second - 0.05, f"INIT_REPORT Init Duration: 150.79 ms\tPhase: init\t{why}"
        yield run.second + 0.16, f"INIT_REPORT Init Duration: 158.10 ms\tPhase: invoke\t{why}"
    elif run.init_ms is not None:
        yield run.second - run.init_ms / 1000, f"INIT_START {told}"


def _report(run: Run) -> str:
    fields = [
        f"REPORT RequestId: {run.request_id}",
        f"Duration: {run.duration_ms:.2f} ms",
        f"Billed Duration: {run.billed_ms} ms",
        f"Memory Size: {MEMORY_MB[run.function]} MB",
        f"Max Memory Used: {run.used_mb} MB",
    ]
    if run.init_ms is not None:
        fields.append(f"Init Duration: {run.init_ms:.2f} ms")
    if run.restore_ms is not None:
        fields.append(f"Restore Duration: {run.restore_ms[0]:.2f} ms")
        fields.append(f"Billed Restore Duration: {run.restore_ms[1]} ms")
    if run.status != "success":
        fields.append(f"Status: {run.status}")
    if run.error_type is not None:
        fields.append(f"Error Type: {run.error_type}")
    return "\t".join([*fields, "\n"])


def json_lines(run: Run) -> Iterator[Line]:
    """The same where the log format is JSON and the system log level INFO."""
    if run.function == "checkout-tax":
        yield from _powertools(run)
        return
    provisioned = run.environment.startswith("p")
    if provisioned and run == _first_of(run):
        yield from _platform_lines(_provisioned_init(run))
    elif run.init_ms is not None:
        yield from _platform_lines([_init_start(run, "on-demand", run.second - run.init_ms / 1000)])
    yield from _platform_lines([_start(run), _platform_report(run)])


def _platform_lines(events: Iterable[dict[str, Any]]) -> Iterator[Line]:
    for event in events:
        seconds = event["time"][14:-1].split(":")
        yield int(seconds[0]) * 60 + float(seconds[1]), compact(event) + "\n"


def _powertools(run: Run) -> Iterator[Line]:
    """A Powertools log line an invocation, and the ColdStart metric of the first in EMF."""
    cold = run.init_ms is not None
    if cold:
        directive = {
            "Namespace": "Checkout",
            "Dimensions": [["function_name", "service"]],
            "Metrics": [{"Name": "ColdStart", "Unit": "Count"}],
        }
        at_ms = otlp.at_ns(run.second) // 1_000_000
        emf = {
            "_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [directive]},
            "function_name": run.function,
            "service": "tax",
            "ColdStart": [1.0],
        }
        yield run.second + 0.001, compact(emf) + "\n"
    told = {
        "level": "INFO",
        "location": "lambda_handler:31",
        "message": "tax computed",
        "timestamp": rfc3339(run.second + 0.02).replace("T", " ").replace(".", ",")[:-1] + "+0000",
        "service": "tax",
        "cold_start": cold,
        "function_name": run.function,
        "function_memory_size": str(MEMORY_MB[run.function]),
        "function_arn": f"arn:aws:lambda:{US}:{ACCOUNT}:function:{run.function}",
        "function_request_id": run.request_id,
    }
    yield run.second + 0.02, compact(told) + "\n"


# --- the platform's events, in JSON logs and in Telemetry API batches -----------------------------


def _event(second: float, kind: str, record: Any) -> dict[str, Any]:
    return {"time": rfc3339(second), "type": kind, "record": record}


def _init_start(run: Run, kind: str, second: float) -> dict[str, Any]:
    record = {
        "initializationType": kind,
        "phase": "init",
        "runtimeVersion": "python:3.13.v61",
        "runtimeVersionArn": f"arn:aws:lambda:{US}::runtime:9f1c",
        "functionName": run.function,
        "functionVersion": VERSIONS[run.function],
    }
    return _event(second, "platform.initStart", record)


def _init_report(second: float, kind: str, duration_ms: float) -> dict[str, Any]:
    metrics = {"durationMs": duration_ms}
    record = {"initializationType": kind, "phase": "init", "status": "success", "metrics": metrics}
    return _event(second, "platform.initReport", record)


def _provisioned_init(run: Run) -> list[dict[str, Any]]:
    kind = "provisioned-concurrency"
    return [_init_start(run, kind, 5.0), _init_report(5.702, kind, 702.3)]


def _start(run: Run) -> dict[str, Any]:
    record = {"requestId": run.request_id, "version": VERSIONS[run.function]}
    return _event(run.second, "platform.start", record)


def _platform_report(run: Run) -> dict[str, Any]:
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
    return _event(run.ended, "platform.report", record)


def _runtime_done(run: Run) -> dict[str, Any]:
    latency = {"name": "responseLatency", "start": rfc3339(run.second), "durationMs": 1.9}
    record: dict[str, Any] = {"requestId": run.request_id, "status": run.status}
    if run.status == "success":
        record |= {"metrics": {"durationMs": run.duration_ms - 1, "producedBytes": 118}}
        record["spans"] = [latency]
    return _event(run.ended, "platform.runtimeDone", record)


def batches() -> Iterator[tuple[float, Post]]:
    """The Telemetry API batches of checkout-stock: the report comes with the next invocation."""
    runs = sorted(_of("checkout-stock"), key=lambda run: (run.environment, run.second))
    for environment, group in groupby(runs, key=lambda run: run.environment):
        owed: list[dict[str, Any]] = []
        run = None
        for run in group:
            if run.init_ms is not None:
                began = run.second - run.init_ms / 1000 - 0.002
                owed.append(_init_start(run, "on-demand", began))
                owed.append(_init_report(run.second - 0.002, "on-demand", run.init_ms))
            owed += [_start(run), _runtime_done(run)]
            yield run.ended + 0.03, _batch(run, owed)
            owed = [_platform_report(run)]
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


# --- what CloudWatch counts -----------------------------------------------------------------------


def lambda_points(minute: int) -> list[Point]:
    """AWS/Lambda of one minute, under every set of dimensions Lambda publishes."""
    runs = [run for run in RUNS if run.minute == minute and run.function != "checkout-stock"]
    names = {run.function for run in runs}
    names |= {function for function, at in THROTTLES if at == minute}
    points = []
    for name in sorted(names):
        for point in _function_points(name, minute, [r for r in runs if r.function == name]):
            points.append(point)
            if name == "checkout-api":  # called without a qualifier: the same figures again
                points.append(replace(point, dimensions=(*point.dimensions, ("Resource", name))))
    own = [point for point in points if len(point.dimensions) == 1]
    return points + [_account(name, own) for name in ("Invocations", "Errors", "Throttles") if own]


def _function_points(name: str, minute: int, runs: Sequence[Run]) -> Iterator[Point]:
    base = Point("AWS/Lambda", "", "Count", minute, 0, 0.0, 0.0, 0.0, (("FunctionName", name),))
    throttled = THROTTLES.get((name, minute), 0)
    if runs:
        failed = sum(run.status != "success" for run in runs)
        yield _counter(base, "Invocations", len(runs), len(runs))
        yield _counter(base, "Errors", len(runs), failed)
        durations = [float(run.duration_ms) for run in runs]
        yield replace(
            base,
            name="Duration",
            unit="Milliseconds",
            samples=len(runs),
            total=round(sum(durations), 2),
            least=min(durations),
            most=max(durations),
        )
    yield _counter(base, "Throttles", len(runs) + throttled, throttled)
    most = float(CONCURRENCY.get((name, minute), 1))
    yield replace(base, name="ConcurrentExecutions", samples=1, total=most, least=most, most=most)


def _counter(base: Point, name: str, samples: int, amount: int) -> Point:
    """A counter: each call is a sample of 0 or 1."""
    least, most = float(amount == samples), float(amount > 0)
    return replace(base, name=name, samples=samples, total=float(amount), least=least, most=most)


def _account(name: str, points: Sequence[Point]) -> Point:
    """The account's aggregate: the same metric without a dimension."""
    same = [point for point in points if point.name == name]
    samples, amount = sum(p.samples for p in same), sum(p.total for p in same)
    base = replace(points[0], dimensions=())
    return _counter(base, name, samples, int(amount))


def queue_points(minute: int) -> Iterator[Point]:
    """AWS/SQS of one minute; both queues are active all along."""
    depth, age = QUEUE_MINUTES.get(minute, (0, 0))
    yield from _queue("checkout-queue", minute, depth, age)
    ends = minute * 60 + 60
    dead = ends > DEAD_SINCE_S
    yield from _queue("checkout-queue-dlq", minute, int(dead), ends - DEAD_SINCE_S if dead else 0)


def _queue(name: str, minute: int, depth: int, age: int) -> Iterator[Point]:
    base = Point("AWS/SQS", "", "Count", minute, 1, 0.0, 0.0, 0.0, (("QueueName", name),))
    of = float(depth)
    visible = "ApproximateNumberOfMessagesVisible"
    yield replace(base, name=visible, total=of, least=of, most=of)
    old = float(age)
    oldest = "ApproximateAgeOfOldestMessage"
    yield replace(base, name=oldest, unit="Seconds", total=old, least=old, most=old)


def eu_points(minute: int) -> Iterator[Point]:
    """AWS/Lambda of checkout-eu; a minute without invocations has no points."""
    if minute not in EU_MINUTES:
        return
    invoked, failed, throttled = EU_MINUTES[minute]
    dimensions = (("FunctionName", "checkout-eu"),)
    base = Point("AWS/Lambda", "", "Count", minute, 0, 0.0, 0.0, 0.0, dimensions)
    yield _counter(base, "Invocations", invoked, invoked)
    yield _counter(base, "Errors", invoked, failed)
    yield _counter(base, "Throttles", invoked + throttled, throttled)


# --- deliveries -----------------------------------------------------------------------------------


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


def _of(function: str) -> list[Run]:
    return [run for run in RUNS if run.function == function]


def _first_of(run: Run) -> Run:
    return next(each for each in _of(run.function) if each.environment == run.environment)


def captures() -> Captures:
    """Every request in order of arrival."""
    every = [*metric_deliveries(), *log_deliveries(), *batches()]
    return Captures(posts=[post for _, post in sorted(every, key=lambda entry: entry[0])])
