"""``/docs``: the OpenAPI page; Swagger UI comes out of an installed package, nothing off-site."""

from html import escape
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from web.assets import Asset, Assets

OPENAPI: Final = "/api/v1/openapi.json"
_PACKAGE: Final = "fastapi_offline"
_FOR_EVER: Final = "public, max-age=31536000, immutable"

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · Lockstitch</title>
<link rel="icon" type="image/svg+xml" href="{icon}">
<link rel="stylesheet" href="{style}">
<script defer src="{script}"></script>
<script defer src="{start}"></script>
</head>
<body>
<header class="swagger-ui"><div class="wrapper">
<h1><a href="/traces">Lockstitch</a> API</h1>
</div></header>
<main id="api" data-openapi="{openapi}">
<noscript>The page needs JavaScript; the same as JSON: <a href="{openapi}">{openapi}</a></noscript>
</main></body>
</html>
"""


def _vendored(name: str, media_type: str) -> Asset:
    source = files(_PACKAGE) / "static" / name
    return Asset(f"vendor/{name}", source.read_bytes(), media_type)


def router(assets: Assets) -> APIRouter:
    """The page, and the two files of Swagger UI under URLs that hold their hash."""
    routes = APIRouter(include_in_schema=False)
    script = _vendored("swagger-ui-bundle.js", "text/javascript")
    style = _vendored("swagger-ui.css", "text/css")
    text = _PAGE.format(
        icon=escape(assets.url("favicon.svg")),
        style=escape(style.url),
        script=escape(script.url),
        start=escape(assets.url("docs.js")),
        openapi=OPENAPI,
    )

    @routes.get("/docs")
    def page() -> Response:
        return HTMLResponse(text)

    for asset in (script, style):
        routes.add_api_route(asset.url, _served(asset), methods=["GET"])
    return routes


def _served(asset: Asset):  # type: ignore[no-untyped-def]  # FastAPI reads the inner signature
    def serve() -> Response:
        headers = {"Cache-Control": _FOR_EVER, "Content-Encoding": "gzip"}
        return Response(asset.compressed, headers=headers, media_type=asset.media_type)

    return serve
