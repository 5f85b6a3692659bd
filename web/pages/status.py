"""Status: the product's own health, from its counters; no question to the store but its span."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from collector.batch import Signal
from collector.service import Service
from web.site import Site


@dataclass(frozen=True, slots=True)
class SignalRow:
    """Records of one signal since the start: received = stored + rejected + duplicate + waiting."""

    signal: str
    received: int
    stored: int
    rejected: int
    duplicate: int
    waiting: int
    last_ns: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """One counted thing: refused records by reason, or requests by outcome."""

    where: str
    signal: str
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class StatusPage:
    """Sizes in bytes, ages in ns; ``trouble`` is what is wrong now, None when nothing is."""

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
    quarantined: int
    damaged_records: int
    database: Path


def router(site: Site) -> APIRouter:
    """``/status``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/status")
    def status(request: Request) -> Response:
        frame = site.frame(request, "Status", "status")
        return site.pages.response(request, "status", _page(site.service), frame, block="results")

    return routes


def _page(service: Service) -> StatusPage:
    counts, written = service.intake.counters.read(), service.writer.counts
    settings, path = service.settings, service.database.path
    return StatusPage(
        trouble=service.writer.last_error,
        signals=[_signal(service, signal) for signal in Signal],
        rejections=[
            Tally("", signal, reason, count)
            for (signal, reason), count in sorted(counts.rejected.items())
        ],
        requests=[
            Tally(transport, signal, outcome, count)
            for (transport, signal, outcome), count in sorted(counts.requests.items())
        ],
        store_bytes=_size(path) + _size(path.with_name(path.name + ".wal")),
        most_store_bytes=settings.max_store_bytes,
        journal_bytes=service.journal.size_bytes,
        in_flight_bytes=service.intake.budget.in_flight_bytes,
        most_in_flight_bytes=settings.max_in_flight_bytes,
        retention_days=settings.retention_days,
        up_ns=int((time.time() - service.started_at) * 1e9),
        replayed=sum(counts.replayed.values()),
        commits=written.commits,
        checkpoints=written.checkpoints,
        failures=written.failures + counts.failures,
        quarantined=written.quarantined_records.total(),
        damaged_records=service.journal.damaged_records,
        database=path,
    )


def _signal(service: Service, signal: Signal) -> SignalRow:
    counts, written = service.intake.counters.read(), service.writer.counts
    return SignalRow(
        signal=signal.value,
        received=counts.received.get(signal, 0),
        stored=written.stored_records[signal],
        rejected=sum(n for (each, _), n in counts.rejected.items() if each == signal),
        duplicate=written.duplicate_records[signal],
        waiting=counts.waiting.get(signal, 0),
        last_ns=counts.last_received_ns.get(signal),
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # the write-ahead log comes and goes
        return 0
