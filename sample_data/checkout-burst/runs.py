"""Every invocation of the story that ran: what the README's figures are counted from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from sample_data.written import otlp

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


def runs_of(function: str) -> list[Run]:
    """All attempts of one function."""
    return [run for run in RUNS if run.function == function]


def first_of(run: Run) -> Run:
    """The first attempt in the same environment."""
    return next(each for each in runs_of(run.function) if each.environment == run.environment)
