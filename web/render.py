"""Renders a page's dataclass with its template, whole or only the block that changed.

A page is ``templates/<name>.html`` and one frozen dataclass whose fields are the template's
variables; ``frame`` is what every page has around it. The same URL answers htmx with the block
named by the page and everyone else with the whole page, so ``Vary: HX-Request`` always.
Undefined variables are errors, and everything is escaped: telemetry is hostile input.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from web import addresses, alert_urls, cost_urls, formats, urls
from web.assets import Assets

# Macros every template has by these names: a block rendered alone sees no imports of its own.
_PARTS: Final = (
    ("ui", "_shared.html"),
    ("wf", "_waterfall.html"),
    ("logline", "_logline.html"),
    ("panel", "_panel.html"),
    ("ev", "_event.html"),
    ("evs", "_events.html"),
    ("hl", "_health.html"),
    ("co", "_costs.html"),
    ("al", "_alerts.html"),
)

Theme: TypeAlias = Literal["", "light", "dark"]
THEME_COOKIE: Final = "lockstitch_theme"

# In a wheel the templates lie inside the package, in a checkout beside it.
_PLACES: Final = (
    Path(__file__).parent / "_templates",
    Path(__file__).parent.parent / "templates",
)

# htmx: nothing evaluated, no style element written, no snapshots of Plotly's changed DOM, and
# refusals are shown where the person looks instead of being dropped.
HTMX: Final = json.dumps(
    {
        "allowEval": False,
        "includeIndicatorStyles": False,
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
        "selfRequestsOnly": True,
        "scrollIntoViewOnBoost": False,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "[45]..", "swap": True, "error": True, "target": "#flash"},
        ],
    }
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page. ``here`` is its own path and query; ``firing`` counts alerts."""

    title: str
    section: str
    range: urls.Range
    here: str
    theme: Theme
    csrf_token: str
    signed_in: bool
    firing: int = 0
    charts: bool = False


class Pages:
    """The template environment and the assets its pages link to."""

    def __init__(self, assets: Assets) -> None:
        self.environment = Environment(
            loader=FileSystemLoader([place for place in _PLACES if place.is_dir()]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters.update(formats.FILTERS)
        self._assets = assets
        self.environment.globals |= {
            "urls": urls,
            "addresses": addresses,
            "alert_urls": alert_urls,
            "cost_urls": cost_urls,
            "asset": assets.url,
            "style_guards": assets.style_guards,
            "htmx_config": HTMX,
        }
        for name, source in _PARTS:
            self.environment.globals[name] = self.environment.get_template(source).module

    def html(self, name: str, page: Any, frame: Frame, block: str | None = None) -> str:
        """The text of a page, or of one of its blocks."""
        template = self.environment.get_template(f"{name}.html")
        values = {field.name: getattr(page, field.name) for field in fields(page)}
        if block is None:
            return template.render(frame=frame, **values)
        context = template.new_context({"frame": frame, **values})
        return "".join(template.blocks[block](context))

    def stylesheet(self, name: str) -> Markup:
        """A stylesheet of ours as an element, for a file that stands alone."""
        return Markup(f"<style>\n{self._assets.named(name).body.decode()}</style>")  # noqa: S704

    def response(
        self,
        request: Request,
        name: str,
        page: Any,
        frame: Frame,
        *,
        block: str | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """The page, or only ``block`` when htmx asked for this URL."""
        text = self.html(name, page, frame, block if wants_block(request) else None)
        return HTMLResponse(text, status, headers={"Vary": "HX-Request, Cookie"})


def wants_block(request: Request) -> bool:
    """True when htmx asks for a part; a history restore wants the whole page again."""
    headers = request.headers
    return headers.get("hx-request") == "true" and (
        headers.get("hx-history-restore-request") != "true"
    )


def theme_of(request: Request) -> Theme:
    """The theme this browser was switched to, empty to follow its system."""
    cookie = request.cookies.get(THEME_COOKIE)
    return "light" if cookie == "light" else "dark" if cookie == "dark" else ""
