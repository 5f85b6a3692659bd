"""What becomes of an address that a page was asked by: links are made in ``urls.py``."""

from urllib.parse import parse_qsl

from web.urls import Range, address, home


def with_range(here: str, span: Range) -> str:
    """The page ``here`` (path and query) at another range; its place in a list is given up."""
    path, _, query = here.partition("?")
    kept = [(k, v) for k, v in parse_qsl(query) if k not in ("since", "until", "live", "cursor")]
    return address(path, dict(kept), span.params())


def other_params(here: str) -> list[tuple[str, str]]:
    """The parameters of ``here`` apart from its range: hidden fields of the range form."""
    query = here.partition("?")[2]
    return [(k, v) for k, v in parse_qsl(query) if k not in ("since", "until", "cursor")]


def local_path(text: str) -> str:
    """``text`` when it is a path on this site, else the first page (no open redirects)."""
    plain = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if plain and text.isprintable() else home()
