"""The query parameters that several calls share, and how the answers are written."""

import json
from typing import Annotated, Any, TypeAlias

import orjson
from fastapi import Depends, Query, Response

from collector.model.window import ACCEPTED, Window

Since: TypeAlias = Annotated[
    str | None, Query(description=f"Begin of the time window: {ACCEPTED}. Default -1h")
]
Until: TypeAlias = Annotated[
    str | None, Query(description="End of the time window (not included), as since. Default now")
]
Limit: TypeAlias = Annotated[
    int, Query(ge=1, description="Most rows in the answer; more than 1000 reads as 1000")
]
PageCursor: TypeAlias = Annotated[
    str | None, Query(alias="cursor", description="next_cursor of the page before")
]
Text: TypeAlias = Annotated[str | None, Query(max_length=2000)]


def _window(since: Since = None, until: Until = None) -> Window:
    return Window.parse(since, until)


def _optional_window(since: Since = None, until: Until = None) -> Window:
    if since is None and until is None:
        return Window.all_time()
    return Window.parse(since or "1970-01-01T00:00:00Z", until)


WindowParam: TypeAlias = Annotated[Window, Depends(_window)]
OptionalWindow: TypeAlias = Annotated[Window, Depends(_optional_window)]
"""Everything stored, unless a bound is given."""


def answer(value: Any) -> Response:
    """JSON written without a second look: the shapes are typed dictionaries already."""
    try:
        text = orjson.dumps(value)
    except orjson.JSONEncodeError:  # half of a surrogate pair, or an integer beyond 64 bits
        text = json.dumps(value).encode()
    return Response(text, media_type="application/json")


def ms(duration_ns: int | float | None) -> float | None:
    """Milliseconds; unknown stays unknown."""
    return None if duration_ns is None else duration_ns / 1e6
