"""The list of functions: filters, order and page in the URL; a row says what is known of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from collector.errors import BadQuestion
from collector.model.health import FunctionHealth, FunctionRow
from collector.model.window import Window
from collector.store.queries.health import list_function_health
from web import concerns
from web.render import wants_block
from web.site import Site, window_of
from web.sparks import Grid, Spark, of_health
from web.urls import FunctionQuery

PER_PAGE: Final = 40
_STEPS: Final = 31

Figure = Callable[[FunctionHealth], float | str | None]

SORTS: Final[Mapping[str, Figure]] = {
    "health": lambda each: concerns.weight(each, None),
    "name": lambda each: each.name,
    "invocations": lambda each: each.counts.invocation_count,
    "errors": lambda each: each.counts.error_rate,
    "cold": lambda each: each.counts.cold_start_rate,
    "p50": lambda each: each.quantiles.duration_p50_ns,
    "p95": lambda each: each.quantiles.duration_p95_ns,
    "p99": lambda each: each.quantiles.duration_p99_ns,
    "throttles": lambda each: each.throttle_count,
    "cost": lambda each: (
        float(each.cost.cost.usd or 0) if each.cost and each.cost.cost.is_told else None
    ),
    "memory": lambda each: (
        None if each.memory_headroom is None else 1 - each.memory_headroom
    ),
}  # fmt: skip
ONLY: Final[Mapping[str, Callable[[FunctionHealth], bool]]] = {
    "unwell": lambda each: concerns.weight(each, None) > 0,
    "errors": lambda each: each.counts.error_count > 0,
    "throttled": lambda each: bool(each.throttle_count),
    "cold": lambda each: each.counts.cold_start_count > 0,
    "metrics": lambda each: each.evidence == "metrics",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A function with its sparklines; ``used`` is the share of its memory that was used."""

    health: FunctionHealth
    invocations: Spark
    starts: Spark
    used: float | None


@dataclass(frozen=True, slots=True)
class FunctionsPage:
    """``rows`` are those of one page of the ``count`` that match, of ``total`` in the range."""

    filters: FunctionQuery
    rows: Sequence[Row]
    count: int
    total: int
    page: int
    pages: int
    invocation_count: int
    error_count: int


def router(site: Site) -> APIRouter:
    """``/functions``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/functions")
    def functions(request: Request) -> Response:
        window, query = window_of(request), FunctionQuery.of(request.query_params)
        key, wanted, page = _asked(query)
        ask = site.ask if wants_block(request) else site.ask_derived
        pricing = site.service.pricing
        found = ask(
            lambda cursor: list_function_health(cursor, window, steps=_STEPS, pricing=pricing)
        )
        kept = [row for row in found.rows if _matches(row.health, query.q) and wanted(row.health)]
        shown = _sorted(kept, key, reverse=query.sort.startswith("-"))
        made = FunctionsPage(
            filters=query,
            rows=_rows(shown[(page - 1) * PER_PAGE :][:PER_PAGE], window, found.step_ns),
            count=len(kept),
            total=len(found.rows),
            page=page,
            pages=max(1, -(-len(kept) // PER_PAGE)),
            invocation_count=sum(row.health.counts.invocation_count for row in found.rows),
            error_count=sum(row.health.counts.error_count for row in found.rows),
        )
        frame = site.frame(request, "Functions", "functions")
        return site.pages.response(request, "functions", made, frame, block="results")

    return routes


def _asked(query: FunctionQuery) -> tuple[Figure, Callable[[FunctionHealth], bool], int]:
    sort = query.sort.removeprefix("-") or "health"
    if sort not in SORTS:
        raise BadQuestion(f"sort {sort[:40]!r} is none of {', '.join(SORTS)}")
    if query.only and query.only not in ONLY:
        raise BadQuestion(f"only {query.only[:40]!r} is none of {', '.join(ONLY)}")
    if query.page and not (query.page.isascii() and query.page.isdigit()):
        raise BadQuestion(f"page {query.page[:40]!r} is not a number from 1 on")
    wanted = ONLY[query.only] if query.only else lambda _: True
    return SORTS[sort], wanted, max(1, int(query.page[:6] or 1))


def _matches(health: FunctionHealth, text: str) -> bool:
    """Part of its name, or its platform, region or account."""
    words = text.casefold().split()
    told = (health.name, health.provider, health.platform, health.region, health.account_id)
    return all(any(word in (each or "").casefold() for each in told) for word in words)


def _sorted(rows: Sequence[FunctionRow], key: Figure, *, reverse: bool) -> list[FunctionRow]:
    """The most first, names from a on; what is unknown comes last either way."""
    known = [row for row in rows if key(row.health) is not None]
    unknown = [row for row in rows if key(row.health) is None]
    text = key is SORTS["name"]
    known.sort(key=lambda row: (-row.health.counts.invocation_count, row.health.name))
    known.sort(key=lambda row: key(row.health) or 0 if not text else row.health.name,
               reverse=reverse if text else not reverse)  # fmt: skip
    return known + unknown


def _rows(rows: Sequence[FunctionRow], window: Window, step_ns: int) -> list[Row]:
    grid = Grid(window, step_ns)
    return [
        Row(
            health=row.health,
            invocations=of_health(
                row.series,
                grid,
                lambda p: p.counts.invocation_count,
                lambda p: p.counts.error_count,
            ),
            starts=of_health(
                row.series,
                grid,
                lambda p: p.counts.known_start_count or None,
                lambda p: p.counts.cold_start_count,
            ),
            used=None if row.health.memory_headroom is None else 1 - row.health.memory_headroom,
        )
        for row in rows
    ]
