"""Builds every part and starts and stops them in order; the only place that wires.

Order of life: ports are bound, store and journal open, what the journal holds beyond the store is
replayed, then the receivers take requests. Stopping goes the other way: the receivers refuse, the
intake answers what it took, the writer stores it, the files close.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb
import structlog

from collector.alerts.book import file_rules
from collector.alerts.delivery import Delivery, Senders
from collector.alerts.desk import RuleDesk
from collector.alerts.engine import AlertEngine
from collector.alerts.objective_desk import ObjectiveDesk
from collector.alerts.sources import Facts
from collector.decode.limits import Limits
from collector.derive.deriver import Deriver
from collector.derive.judging import judging
from collector.derive.stitcher import Stitcher
from collector.model.costs.pricing import Pricing
from collector.receive import bind
from collector.receive.access import Access
from collector.receive.grpc import GrpcReceiver
from collector.receive.http import otlp_app
from collector.receive.intake import Intake
from collector.receive.listener import HttpServer, listen, port_of
from collector.settings import Settings
from collector.store.database import Database
from collector.store.journal import Journal
from collector.store.retention import Retention
from collector.store.writer import Writer

log = structlog.get_logger(__name__)

T = TypeVar("T")

# A question waits this long for what was answered before it was asked; the usual wait is 0-15 ms.
READ_BARRIER_S = 0.25
# One about event traces waits this long for what was applied before it; the usual wait is 50 ms.
STITCH_BARRIER_S = 1.0
# One about invocations waits this long for what was applied before it; the usual wait is 150 ms.
DERIVE_BARRIER_S = 1.0


def beside(db: Path, suffix: str) -> Path:
    """The path of a companion of the database file: ``lockstitch.duckdb`` + ``.journal``."""
    return db.with_name(db.name + suffix)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the process listens, as a person would type it."""

    http: str
    grpc: str
    web: str


class Pipeline:
    """Intake, journal and store: takes exports and answers questions, without any port."""

    def __init__(self, settings: Settings) -> None:
        settings.db.parent.mkdir(parents=True, exist_ok=True)
        self.database = Database.open(
            settings.db,
            memory_bytes=settings.duckdb_memory,
            threads=settings.duckdb_threads,
            checkpoint_bytes=settings.checkpoint_bytes,
            query_timeout_s=settings.query_timeout_s,
        )
        self.journal = Journal.open(beside(settings.db, ".journal"))
        self.writer = Writer(
            self.database,
            self.journal,
            dedup_window_ns=int(settings.dedup_window_hours * 3600e9),
            retention=Retention(
                max_age_ns=int(settings.retention_days * 86400e9),
                max_bytes=settings.max_store_bytes,
            ),
        )
        self.intake = Intake(
            self.journal,
            self.writer,
            Limits(settings.max_attributes, settings.correlation.attributes),
            max_in_flight_bytes=settings.max_in_flight_bytes,
        )
        self.stitcher = Stitcher(
            self.database,
            self.writer,
            judging(settings),
            rested_s=lambda: self.intake.rested_s,
        )
        self.deriver = Deriver(
            self.database,
            self.writer,
            rested_s=lambda: self.intake.rested_s,
            first=self.stitcher,
        )

    async def start(self) -> None:
        """Stores what the journal holds beyond the store, then takes exports."""
        loop = asyncio.get_running_loop()
        self.writer.start()
        self.stitcher.start()
        self.deriver.start()
        replayed = await loop.run_in_executor(None, self.intake.replay)
        if replayed:
            log.info("journal replayed", exports=replayed)
        self.intake.start()

    async def stop(self) -> None:
        """Stores everything that was taken and closes the files."""
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _close(self) -> None:
        self.intake.stop()
        self.writer.stop()
        self.stitcher.stop()
        self.deriver.stop()
        self.journal.close()
        self.database.close()

    def ask(self, question: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Answers a question with everything in it that senders were told is safe.

        Waits at most 250 ms for the store to catch up with the journal, then reads what is there.
        """
        self.writer.wait_visible(READ_BARRIER_S)
        return self.database.read(question)

    def ask_stitched(self, question: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """As :meth:`ask`, for questions about event traces: waits until they are up to date.

        At most a second, beyond that it reads what is there.
        """
        self.writer.wait_visible(READ_BARRIER_S)
        self.stitcher.wait_soon(STITCH_BARRIER_S)
        return self.database.read(question)

    def ask_derived(self, question: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """As :meth:`ask`, for questions about invocations and the health of functions and queues.

        Waits at most a second until they are up to date, event traces included.
        """
        self.writer.wait_visible(READ_BARRIER_S)
        self.stitcher.wait_soon(STITCH_BARRIER_S)
        self.deriver.wait_soon(DERIVE_BARRIER_S)
        return self.database.read(question)

    def settle(self) -> float:
        """Waits, as :meth:`ask_derived` does; for how many seconds something is not derived yet."""
        self.writer.wait_visible(READ_BARRIER_S)
        self.stitcher.wait_reached(STITCH_BARRIER_S)
        self.deriver.wait_reached(DERIVE_BARRIER_S)
        return max(self.stitcher.lag.seconds, self.deriver.lag.seconds)


class Service:
    """The running collector: a pipeline behind the receivers. The web UI is handed this object."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.pricing = Pricing.of(settings)
        self.started_at = time.time()
        self.access = Access(beside(settings.db, ".access.json"))
        bind.require_safe(settings, self.access)
        self.tls = bind.tls_context(settings)
        rules, senders = file_rules(settings.alerts), Senders(settings.alerts)
        self._http_socket = listen(settings.host, settings.http_port, "--http-port")
        self.web_socket = listen(settings.host, settings.web_port, "--web-port")
        self.pipeline = Pipeline(settings)
        self.database, self.writer = self.pipeline.database, self.pipeline.writer
        self.intake, self.journal = self.pipeline.intake, self.pipeline.journal
        self.stitcher, self.deriver = self.pipeline.stitcher, self.pipeline.deriver
        self.ask, self.ask_stitched = self.pipeline.ask, self.pipeline.ask_stitched
        self.ask_derived = self.pipeline.ask_derived
        self.alerts = AlertEngine(
            self.database,
            rules,
            Facts(settings.functions, settings.queues, self.pricing),
            every_s=settings.alerts.evaluate_every_s,
            delay_s=settings.alerts.delay_s,
            settle=self.pipeline.settle,
        )
        self.rules = RuleDesk(self.database, rules, self.alerts.soon)
        self.objectives = ObjectiveDesk(self.database, self.alerts.soon)
        self.delivery = Delivery(self.database, settings.alerts, senders, self.rules.targets)
        self._receivers: list[HttpServer | GrpcReceiver] = []
        self.endpoints = Endpoints("", "", "")

    async def start(self) -> None:
        """Returns when the OTLP ports take requests and ``endpoints`` says where."""
        await self.pipeline.start()
        self.alerts.start()
        self.delivery.start()
        grpc = GrpcReceiver(self.intake, self.access, self.settings)
        http = HttpServer(
            otlp_app(self.intake, self.access, self.settings), self._http_socket, self.tls
        )
        grpc_port = await grpc.start()
        self._receivers.append(grpc)
        await http.start()
        self._receivers.append(http)
        self.endpoints = Endpoints(
            http=self._url(port_of(self._http_socket)),
            grpc=self._url(grpc_port),
            web=self._url(port_of(self.web_socket)),
        )

    async def stop(self) -> None:
        """Takes no more, stores what was answered, closes the files."""
        await asyncio.gather(*(receiver.stop() for receiver in self._receivers))
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self.alerts.stop)
        await loop.run_in_executor(None, self.delivery.stop)
        await self.pipeline.stop()

    def _url(self, port: int) -> str:
        host = self.settings.host
        return f"{'https' if self.tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
