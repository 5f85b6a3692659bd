"""What every page function is given: the service to ask, the templates, and the frame around."""

from collections.abc import Callable
from typing import TypeVar

from duckdb import DuckDBPyConnection as Cursor
from fastapi import Request

from collector.model.window import Window
from collector.service import Service
from web.render import Frame, Pages, theme_of
from web.samples import SampleData
from web.urls import Range

T = TypeVar("T")


class Site:
    """Hands page functions what they need; ``csrf_token`` makes the token forms carry."""

    def __init__(
        self,
        service: Service,
        samples: SampleData,
        pages: Pages,
        csrf_token: Callable[[Request], str],
    ) -> None:
        self.service = service
        self.samples = samples
        self.pages = pages
        self._csrf_token = csrf_token

    def ask(self, question: Callable[[Cursor], T]) -> T:
        """Answers a question with everything in it that senders were told is safe."""
        return self.service.ask(question)

    def ask_stitched(self, question: Callable[[Cursor], T]) -> T:
        """As :meth:`ask`, about event traces: waits, at most a second, until they are stitched."""
        return self.service.ask_stitched(question)

    def ask_derived(self, question: Callable[[Cursor], T]) -> T:
        """As :meth:`ask`, about the health of functions and queues: waits until it is derived."""
        return self.service.ask_derived(question)

    def frame(
        self,
        request: Request,
        title: str,
        section: str,
        *,
        charts: bool = False,
        here: str | None = None,
    ) -> Frame:
        """The frame of a page; ``section`` is the entry of the navigation it belongs to.

        ``here``: where the page is found again, where that is not the address asked for.
        """
        query = request.url.query
        return Frame(
            title=title,
            section=section,
            range=Range.of(request.query_params),
            here=here or (f"{request.url.path}?{query}" if query else request.url.path),
            theme=theme_of(request),
            csrf_token=self._csrf_token(request),
            signed_in=self.service.access.has_password,
            firing=self.service.alerts.firing,
            charts=charts,
        )


def window_of(request: Request) -> Window:
    """The time range a page's URL asks for.

    Raises:
        BadQuestion: it cannot be read.
    """
    return Window.parse(request.query_params.get("since"), request.query_params.get("until"))
