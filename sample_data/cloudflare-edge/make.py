"""Cloudflare edge: Workers' own OTLP spans and logs, three triggers, five outcomes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sample_data.written import otlp
from sample_data.written.captures import Captures
from sample_data.written.otlp import CLIENT, CONSUMER, SERVER

SCOPE: Final = "workers-observability"
VERSIONS: Final = {
    "edge-router": "v118",
    "edge-session": "v63",
    "edge-mailer": "v20",
    "edge-mail-failed": "v4",
    "edge-cleanup": "v9",
}
HANDLERS: Final = {"http": "fetch", "queue": "queue", "cron": "scheduled"}


@dataclass(frozen=True)
class Run:
    """One invocation of one Worker."""

    worker: str
    trigger: str
    second: float
    wall_ms: float
    cpu_ms: int
    trace: str
    outcome: str = "ok"
    parent: str | None = None
    signups: tuple[int, ...] = ()
    """The sign-ups it handles: of a queue's batch, each is a message."""
    queue: str | None = None

    @property
    def me(self) -> str:
        return f"{self.worker} {self.second}"

    @property
    def failed(self) -> str | None:
        return None if self.outcome in ("ok", "canceled") else self.outcome


SIGNUPS: Final = {1: 60, 2: 75, 3: 90, 4: 200, 5: 260, 6: 320}
ROUTER_OUTCOMES: Final = {4: "canceled", 6: "exceededCpu"}


def runs() -> Iterator[Run]:
    """Six sign-ups, the mails they send in batches, five plain page views and two cleanups."""
    for number, second in SIGNUPS.items():
        trace = f"signup {number}"
        outcome = ROUTER_OUTCOMES.get(number, "ok")
        cpu_ms = 50 if outcome == "exceededCpu" else 6
        router = Run("edge-router", "http", second, 90.0, cpu_ms, trace, outcome, signups=(number,))
        yield router
        if outcome == "exceededCpu":
            continue
        session = "exception" if number == 5 else "ok"
        yield Run(
            "edge-session", "http", second + 0.02, 35.0, 3, trace, session, router.me, (number,)
        )
    for number, second in enumerate((62, 100, 160, 215, 300), start=1):
        yield Run("edge-router", "http", second, 12.0, 2, f"page {number}")
    # Sign-ups 1 to 3 come in one batch; 4 alone, and its mailbox is full: three tries, then dead.
    yield Run(
        "edge-mailer", "queue", 95, 400.0, 12, "mail 1", signups=(1, 2, 3), queue="signup-mail"
    )
    for attempt, second in enumerate((205, 235, 265), start=1):
        yield Run(
            "edge-mailer",
            "queue",
            second,
            150.0,
            9,
            f"mail 4 try {attempt}",
            "exception",
            signups=(4,),
            queue="signup-mail",
        )
    yield Run(
        "edge-mail-failed",
        "queue",
        300,
        40.0,
        4,
        "mail 4 dead",
        signups=(4,),
        queue="signup-mail-dlq",
    )
    yield Run("edge-cleanup", "cron", 0, 800.0, 30, "cleanup 1")
    yield Run("edge-cleanup", "cron", 300, 1200.0, 31, "cleanup 2", "exceededMemory")


def common(run: Run) -> dict[str, Any]:
    """The attributes all spans of an invocation have."""
    return {
        "cloud.provider": "cloudflare",
        "cloud.platform": "cloudflare.workers",
        "faas.name": run.worker,
        "faas.invocation_id": otlp.uuid(run.me).replace("-", "")[:26].upper(),
        "faas.version": VERSIONS[run.worker],
        "faas.invoked_region": "weur",
        "cloudflare.colo": "AMS",
        "cloudflare.script_name": run.worker,
        "cloudflare.script_version.id": otlp.uuid(f"{run.worker} version"),
        "telemetry.sdk.name": "cloudflare",
        "telemetry.sdk.language": "javascript",
    }


def spans(run: Run) -> Iterator[Any]:
    """The root span of an invocation, and a binding it calls."""
    told = common(run) | {
        "faas.trigger": run.trigger,
        "cloudflare.invocation.sequence.number": 1,
        "cloudflare.handler_type": HANDLERS[run.trigger],
        "cloudflare.execution_model": "stateless",
        "cloudflare.outcome": run.outcome,
        "cloudflare.cpu_time_ms": run.cpu_ms,
        "cloudflare.wall_time_ms": int(run.wall_ms),
    }
    if run.trigger == "http":
        told |= {
            "cloudflare.ray_id": otlp.span_id(f"ray {run.me}").hex(),
            "http.request.method": "POST" if run.signups else "GET",
            "url.path": "/signup" if run.signups else "/",
            "http.response.status_code": 500 if run.failed else 200,
        }
    elif run.trigger == "queue":
        told |= {
            "cloudflare.queue.name": run.queue,
            "cloudflare.queue.batch_size": len(run.signups),
        }
    else:
        told |= {
            "faas.cron": "*/5 * * * *",
            "cloudflare.scheduled_time": otlp.at_ns(run.second) // 1_000_000,
        }
    kind = CONSUMER if run.trigger == "queue" else SERVER
    yield otlp.span(
        f"{HANDLERS[run.trigger]} {run.worker}",
        kind,
        run.second,
        run.wall_ms,
        trace=run.trace,
        me=run.me,
        parent=run.parent,
        failed=run.failed,
        tags=told,
    )
    if run.worker == "edge-session" and not run.failed:
        yield otlp.span(
            "d1_query",
            CLIENT,
            run.second + 0.005,
            18.0,
            trace=run.trace,
            me=f"{run.me} d1",
            parent=run.me,
            tags=common(run) | {"cloudflare.invocation.sequence.number": 2, "db.system": "d1"},
        )


def records(run: Run) -> Iterator[Any]:
    """A console line a sign-up; it alone ties a mail to the sign-up it is for."""
    for number in run.signups:
        bad = run.failed is not None
        yield otlp.log(
            {
                "message": f"{run.worker} {'failed' if bad else 'handled'} sign-up",
                "correlation_id": f"signup-2026-{number:06d}",
            },
            run.second + run.wall_ms / 2000,
            severity="ERROR" if bad else "INFO",
            trace=run.trace,
            me=run.me,
            tags={"faas.invocation_id": common(run)["faas.invocation_id"]},
        )


def captures() -> Captures:
    """An export of spans and one of logs for each invocation, in order of time."""
    made = Captures()
    for run in sorted(runs(), key=lambda run: run.second):
        who = {
            "service.name": run.worker,
            "faas.name": run.worker,
            "cloud.provider": "cloudflare",
            "cloud.platform": "cloudflare.workers",
        }
        made.traces.append(otlp.traces(who, SCOPE, spans(run)))
        if told := list(records(run)):
            made.logs.append(otlp.logs(who, SCOPE, told))
    return made
