"""Queues: each beside its dead-letter queue, those that hold dead letters first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from collector.model.health import QueueHealth
from collector.store.queries.queues import list_queues
from web.concerns import dead_letter_age_s, holds_dead_letters
from web.render import wants_block
from web.site import Site, window_of


@dataclass(frozen=True, slots=True)
class Pair:
    """A queue and the dead-letter queues of it; ``source`` None: of which queue is unknown."""

    source: QueueHealth | None
    dead: tuple[QueueHealth, ...]

    @property
    def holds(self) -> bool:
        return any(holds_dead_letters(each) for each in self.dead)

    @property
    def rank(self) -> tuple[bool, float, float, str]:
        """Holding dead letters first, the oldest first; then the deepest queue."""
        age_s = max((dead_letter_age_s(each) or 0 for each in self.dead), default=0)
        depth = self.source.depth if self.source else None
        name = self.source.name if self.source else self.dead[0].name
        return not self.holds, -age_s if self.holds else 0, -(depth or 0), name


@dataclass(frozen=True, slots=True)
class QueuesPage:
    """``dead_count``: messages in dead-letter queues, None where none told; ages of the oldest."""

    pairs: Sequence[Pair]
    queue_count: int
    holding: int
    dead_count: float | None
    oldest_age_s: float | None
    oldest_sent_age_s: float | None


def router(site: Site) -> APIRouter:
    """``/queues``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/queues")
    def queues(request: Request) -> Response:
        window = window_of(request)
        ask = site.ask if wants_block(request) else site.ask_derived
        rules = site.service.settings.queues
        found = ask(lambda cursor: list_queues(cursor, window, rules=rules))
        held = [each for each in found if holds_dead_letters(each)]
        page = QueuesPage(
            pairs=paired(found),
            queue_count=len(found),
            holding=len(held),
            dead_count=_sum(each.depth for each in found if each.is_dlq),
            oldest_age_s=_most(each.oldest_age_s for each in held),
            oldest_sent_age_s=_most(each.oldest_age_since_first_sent_s for each in held),
        )
        frame = site.frame(request, "Queues", "queues")
        return site.pages.response(request, "queues", page, frame, block="results")

    return routes


def paired(queues: Sequence[QueueHealth]) -> list[Pair]:
    """Every queue once: sources with their dead-letter queues, and what has no partner."""
    names = {each.name for each in queues}
    dead: dict[str, list[QueueHealth]] = {}
    for each in queues:
        if each.is_dlq and each.source_queue in names and each.source_queue != each.name:
            dead.setdefault(each.source_queue or "", []).append(each)
    placed = {each.name for group in dead.values() for each in group}
    pairs = [
        Pair(None, (each,)) if each.is_dlq else Pair(each, tuple(dead.get(each.name, ())))
        for each in queues
        if each.name not in placed
    ]
    # A dead-letter queue may be the source of another: its own are listed beside it.
    left = [
        Pair(each, tuple(dead[each.name]))
        for each in queues
        if each.is_dlq and each.name in dead
    ]  # fmt: skip
    return sorted(pairs + left, key=lambda pair: pair.rank)


def _sum(values: Iterable[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return sum(known) if known else None


def _most(values: Iterable[float | None]) -> float | None:
    return max((each for each in values if each is not None), default=None)
