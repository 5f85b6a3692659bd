"""Status: the product's own health, from its counters; it asks the store nothing."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from collector.service import Service
from web import ledger
from web.ledger import Ledger
from web.readiness import why_not_ready
from web.site import Site


@dataclass(frozen=True, slots=True)
class SignalRow:
    """Records of one signal since the start, and when the latest came; None = none came."""

    signal: str
    records: Ledger
    last_ns: int | None

    @property
    def rejected(self) -> int:
        return sum(self.records.rejected.values())


@dataclass(frozen=True, slots=True)
class Tally:
    """One counted thing: refused records by reason, or requests by outcome.

    What could not be read at all is counted in parts, and has a transport in place of a signal.
    """

    where: str
    signal: str
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class StatusPage:
    """Sizes in bytes, ages in ns; ``trouble`` is what is wrong now, None when nothing is.

    ``stitching_lag_ns``: how long the oldest export that is in no event trace yet has been here.
    """

    trouble: str | None
    signals: Sequence[SignalRow]
    rejections: Sequence[Tally]
    requests: Sequence[Tally]
    store_bytes: int
    most_store_bytes: int
    journal_bytes: int
    in_flight_bytes: int
    most_in_flight_bytes: int
    retention_days: float
    up_ns: int
    replayed: int
    commits: int
    checkpoints: int
    failures: int
    damaged_records: int
    database: Path
    stitching_trouble: str | None
    alerts_trouble: str | None
    deriving_trouble: str | None
    underived_exports: int
    deriving_lag_ns: int
    deriving_runs: int
    unstitched_exports: int
    stitching_lag_ns: int
    stitching_runs: int


def router(site: Site) -> APIRouter:
    """``/status``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/status")
    def status(request: Request) -> Response:
        frame = site.frame(request, "Status", "status")
        return site.pages.response(request, "status", _page(site.service), frame, block="results")

    return routes


def _page(service: Service) -> StatusPage:
    counts, writer = service.intake.counters.read(), service.writer
    budget, path, settings = service.intake.budget, service.database.path, service.settings
    ledgers, lag = ledger.read(service), service.stitcher.lag
    return StatusPage(
        trouble=why_not_ready(service),
        signals=[
            SignalRow(signal.value, records, counts.last_received_ns.get(signal))
            for signal, records in ledgers.items()
        ],
        rejections=[
            Tally("", signal, reason, count)
            for signal, records in ledgers.items()
            for reason, count in sorted(records.rejected.items())
        ]
        + [
            Tally(transport, transport, f"unreadable: {reason}", count)
            for (transport, reason), count in sorted(counts.unreadable.items())
        ],
        requests=[
            Tally(transport, signal, outcome, count)
            for (transport, signal, outcome), count in sorted(counts.requests.items())
        ],
        store_bytes=_size(path) + _size(path.with_name(path.name + ".wal")),
        most_store_bytes=settings.max_store_bytes,
        journal_bytes=service.journal.size_bytes,
        in_flight_bytes=budget.in_flight_bytes,
        most_in_flight_bytes=budget.limit_bytes,
        retention_days=settings.retention_days,
        up_ns=int((time.time() - service.started_at) * 1e9),
        replayed=sum(counts.replayed.values()),
        commits=writer.applier.commits,
        checkpoints=writer.checkpoints,
        failures=writer.applier.failures + counts.failures,
        damaged_records=service.journal.damaged_records,
        database=path,
        stitching_trouble=service.stitcher.last_error,
        alerts_trouble=service.alerts.last_error,
        deriving_trouble=service.deriver.last_error,
        underived_exports=service.deriver.lag.exports,
        deriving_lag_ns=int(service.deriver.lag.seconds * 1e9),
        deriving_runs=service.deriver.runs,
        unstitched_exports=lag.exports,
        stitching_lag_ns=int(lag.seconds * 1e9),
        stitching_runs=service.stitcher.runs,
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # the write-ahead log comes and goes
        return 0
