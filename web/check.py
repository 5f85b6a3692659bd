"""``lockstitch check``: looks at settings, ports and files without changing any of them."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from collector.alerts.book import file_rules
from collector.alerts.delivery import Senders
from collector.errors import LockstitchError
from collector.model.costs.book import make_book
from collector.model.costs.pricing import Pricing
from collector.receive import bind
from collector.receive.access import Access
from collector.receive.listener import listen
from collector.service import beside
from collector.settings import Settings
from collector.store.database import Database


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and the sentence that says so or how to mend it."""

    what: str
    ok: bool
    detail: str


def findings(settings: Settings) -> Iterator[Finding]:
    """Everything ``serve`` would refuse to start with, without starting."""
    yield Finding("settings", ok=True, detail="valid")
    yield _tried("alert rules", lambda: _rules(settings))
    yield _tried("prices", lambda: _prices(settings))
    yield _tried("access", lambda: _access(settings))
    yield _tried("TLS", lambda: _tls(settings))
    yield _tried("alert targets", lambda: _targets(settings))
    yield _tried("database", lambda: _database(settings))
    for option, port in (
        ("--http-port", settings.http_port),
        ("--grpc-port", settings.grpc_port),
        ("--web-port", settings.web_port),
    ):
        yield _tried(f"port {port}", partial(_port, settings, port, option))


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, ok=True, detail=look())
    except LockstitchError as error:
        return Finding(what, ok=False, detail=str(error))


def _rules(settings: Settings) -> str:
    return f"{len(file_rules(settings.alerts))} in files and settings"


def _access(settings: Settings) -> str:
    access = Access(beside(settings.db, ".access.json"))
    bind.require_safe(settings, access)
    tokens = len(access.tokens)
    senders = f"{tokens} ingest token(s)" if tokens else "no ingest token needed"
    return f"{senders}; web UI {'asks for a password' if access.has_password else 'is open'}"


def _prices(settings: Settings) -> str:
    own = len(Pricing.of(settings).book.prices) - len(make_book().prices)
    return f"{own} of your own before the built-in ones" if own else "the built-in ones"


def _tls(settings: Settings) -> str:
    return "on for all three ports" if bind.tls_context(settings) else "off"


def _targets(settings: Settings) -> str:
    Senders(settings.alerts)
    return f"{len(settings.alerts.targets)} in the settings"


def _database(settings: Settings) -> str:
    if not settings.db.exists():
        folder = settings.db.resolve().parent
        while not folder.exists():
            folder = folder.parent
        if not os.access(folder, os.W_OK):
            raise LockstitchError(f"{folder} is not writable: choose another --db")
        return f"{settings.db} will be made at the first start"
    database = Database.open(
        settings.db,
        memory_bytes=settings.duckdb_memory,
        threads=settings.duckdb_threads,
        checkpoint_bytes=settings.checkpoint_bytes,
        query_timeout_s=settings.query_timeout_s,
    )
    database.close()
    return f"{settings.db} opens and has this build's schema"


def _port(settings: Settings, port: int, option: str) -> str:
    listen(settings.host, port, option).close()
    return f"free on {settings.host}"
