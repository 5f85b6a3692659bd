"""Keeps what opens a target out of every text that leaves: errors, logs, answers."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from collector.settings import TargetSettings

MASK: Final = "…"
# Shorter pieces are words of every message, and no secret.
_LEAST: Final = 4


def masked_url(url: str) -> str:
    """Scheme and, of a webhook, host and port: what tells one target from another, and no more.

    Paths and queries of webhooks hold tokens as a rule; every part of an apprise URL may be one.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return MASK
    if scheme.lower() not in ("http", "https"):
        return f"{scheme.lower()}://{MASK}"
    host, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    more = slash + MASK if path or "?" in rest else slash
    return f"{scheme.lower()}://{host.rpartition('@')[2]}{more}"


def secrets_of(target: TargetSettings) -> list[str]:
    """Every text that must not be shown, longest first."""
    url = target.url.get_secret_value()
    _, _, rest = url.partition("://")
    if target.kind == "webhook":
        host, _, path = rest.partition("/")
        rest = f"{host.rpartition('@')[0]}/{path}"
    pieces = re.split(r"[/:@?&=#,\s]+", rest)
    found = {url, rest, *pieces, *(unquote(piece) for piece in pieces)}
    found |= {value.get_secret_value() for value in target.headers.values()}
    if target.secret is not None:
        found.add(target.secret.get_secret_value())
    return sorted((each for each in found if len(each) >= _LEAST), key=len, reverse=True)


def masked(text: str, secrets: Iterable[str]) -> str:
    """A text with every secret in it struck out, at most 500 characters."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text[:500]
