"""What the filters suggest while someone types: functions, attribute names, and their values.

Asked for when a field is first entered, so that no list waits for it and no page carries it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor
from fastapi import APIRouter, Request, Response

from collector.model.event_filter import VALUES
from collector.model.window import Window
from collector.store.queries.lookup import suggest_keys, suggest_values
from collector.store.queries.seen import list_function_names
from web.formats import term
from web.site import Site, window_of

_LONGEST: Final = 100  # characters; nobody picks a longer value from a list


@dataclass(frozen=True, slots=True)
class SuggestPage:
    """Texts that a field may be filled with."""

    options: Sequence[str]


def router(site: Site) -> APIRouter:
    """``/suggest/functions``, ``/suggest/terms`` and ``/suggest/words``."""
    routes = APIRouter(include_in_schema=False)

    def answer(request: Request, options: Iterable[str]) -> Response:
        page = SuggestPage([option for option in options if len(option) <= _LONGEST])
        frame = site.frame(request, "Suggestions", "")
        return site.pages.response(request, "suggest", page, frame, block="options")

    @routes.get("/suggest/functions")
    def functions(request: Request) -> Response:
        window = window_of(request)
        return answer(request, site.ask(lambda cursor: list_function_names(cursor, window)))

    @routes.get("/suggest/terms")
    def terms(request: Request, q: str = "") -> Response:
        window = window_of(request)
        return answer(request, site.ask(lambda cursor: _terms(cursor, window, q)))

    @routes.get("/suggest/words")
    def words(request: Request, q: str = "") -> Response:
        window = window_of(request)
        return answer(request, site.ask(lambda cursor: _words(cursor, window, q)))

    return routes


def _words(cursor: Cursor, window: Window, text: str) -> list[str]:
    """The text with its last word completed: to ``status:``, to one of its values, or to a term."""
    before, space, word = text.lstrip().rpartition(" ")
    name, colon, value = word.partition(":")
    values = (f"{name}:{each}" for each in VALUES.get(name, ()) if each.startswith(value))
    names = (f"{each}:" for each in VALUES if each.startswith(word))
    own = [f"{before}{space}{each}" for each in (values if colon else names)]
    return own if colon and own else own + _terms(cursor, window, text)


def _terms(cursor: Cursor, window: Window, text: str) -> list[str]:
    """The text with its last word completed: a name to ``name=``, ``name=v`` to a whole term."""
    before, space, word = text.lstrip().rpartition(" ")
    key, equals, value = word.partition("=")
    if equals:
        found = suggest_values(cursor, window, key, value.lstrip('"') or None)
        return [f"{before}{space}{term(key, each)}" for each in found]
    return [f"{before}{space}{key}=" for key in suggest_keys(cursor, window, word or None)]
