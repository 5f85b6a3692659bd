"""Stylesheets and scripts under URLs that hold their content's hash: browsers keep them for ever.

Ours come from ``web/static``; htmx and Plotly are served out of their installed packages. Each is
read and compressed once. Plotly writes its style rules into the page, which our
Content-Security-Policy forbids; the rules are therefore read out of its own file and served as
a stylesheet, which Plotly recognises by an element id and then leaves the page alone.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from collector.errors import SettingsError

_STATIC: Final = files("web") / "static"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_SMALL: Final = 1024  # below one network packet compression gains nothing

# How plotly.min.js holds its rules: "X .modebar":"position:absolute;..." in one object literal,
# with X and Y standing for the chart and the notifier. A text may hold escaped quotes.
_RULE: Final = re.compile(r'"([XY][^"]*)":"((?:[^"\\]|\\.)*)"')
_RULES: Final = re.compile(r'\{"X,X div":(?:[^{}"]|"(?:[^"\\]|\\.)*")*\}')
_PREFIXES: Final = {"X": ".js-plotly-plot .plotly", "Y": ".plotly-notifier"}
_FEWEST_RULES: Final = 50

# A library bundled in Plotly adds a <style> unless an element with this id is there already.
_STYLE_GUARD: Final = re.compile(r'if\(!document\.getElementById\("([0-9a-f]{64})"\)\)')


@dataclass(frozen=True)
class Asset:
    """One file as served; compressed on first use (Plotly takes 0.2 s) and then kept."""

    name: str
    body: bytes
    media_type: str

    @cached_property
    def url(self) -> str:
        stem, _, suffix = self.name.rpartition(".")
        return f"/static/{stem}.{hashlib.blake2b(self.body, digest_size=8).hexdigest()}.{suffix}"

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.body, mtime=0) if len(self.body) >= _SMALL else b""


def plotly_stylesheet(script: str) -> str:
    """The style rules inside plotly.min.js as a stylesheet.

    Raises:
        SettingsError: this Plotly keeps its rules in another way.
    """
    table = _RULES.search(script)
    rules = _RULE.findall(table.group()) if table else []
    if len(rules) < _FEWEST_RULES:
        raise SettingsError("the installed plotly is not the pinned one: run make install")
    return "\n".join(f"{_selector(key)} {{{text}}}" for key, text in rules)


def _selector(key: str) -> str:
    """As Plotly's own build does it: every X or Y that begins a selector is its prefix."""
    return re.sub(r"(^|[\s,])([XY])(?![\w-])", lambda m: m[1] + _PREFIXES[m[2]], key)


def _asset(name: str, source: Traversable) -> Asset:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(name, source.read_bytes(), media_type)


class Assets:
    """All assets by name and by URL. ``style_guards`` are ids a page with charts must hold."""

    def __init__(self) -> None:
        ours = [_asset(source.name, source) for source in _STATIC.iterdir() if source.is_file()]
        htmx = _asset("htmx.js", files("js_lib_htmx") / "static" / "htmx" / "htmx.min.js")
        plotly = _asset("plotly.js", files("plotly") / "package_data" / "plotly.min.js")
        script = plotly.body.decode()
        sheet = Asset("plotly.css", plotly_stylesheet(script).encode(), "text/css")
        self.style_guards = tuple(sorted(set(_STYLE_GUARD.findall(script))))
        self._by_name: Mapping[str, Asset] = {a.name: a for a in (*ours, htmx, plotly, sheet)}
        self._by_url = {asset.url: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str:
        """Where ``app.css`` and the others are served."""
        return self._by_name[name].url

    def named(self, name: str) -> Asset:
        """The asset of that name; KeyError when there is none."""
        return self._by_name[name]

    def find(self, url: str) -> Asset | None:
        """The asset at a URL path, None when there is none."""
        return self._by_url.get(url)


def router(assets: Assets) -> APIRouter:
    """Serves the assets, compressed for those who take it."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/static/{name}")
    def asset(name: str, request: Request) -> Response:
        found = assets.find(f"/static/{name}")
        if found is None:
            return Response("No such file: reload the page.", 404, media_type="text/plain")
        headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
        if found.compressed and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(found.compressed, headers=headers, media_type=found.media_type)
        return Response(found.body, headers=headers, media_type=found.media_type)

    @routes.get("/favicon.ico")
    def favicon() -> Response:
        """Asked for by browsers on what is not a page, such as the counters."""
        return RedirectResponse(assets.url("favicon.svg"), 303)

    return routes
