"""The log events of an attempt, in text and in JSON."""

from collections.abc import Iterable, Iterator
from typing import Any

from sample_data.written import otlp
from sample_data.written.aws import ACCOUNT, compact

from .platform import init_start, platform_report, provisioned_init, start
from .runs import MEMORY_MB, US, VERSIONS, Run, first_of, rfc3339

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
    if provisioned and run == first_of(run):
        yield from _platform_lines(provisioned_init(run))
    elif run.init_ms is not None:
        yield from _platform_lines([init_start(run, "on-demand", run.second - run.init_ms / 1000)])
    yield from _platform_lines([start(run), platform_report(run)])


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
