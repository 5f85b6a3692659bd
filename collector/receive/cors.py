"""Lets browser pages of configured origins send telemetry (Fetch standard, CORS protocol)."""

from collections.abc import Mapping, Sequence
from typing import Final

from collector.receive.replies import Headers

_ANY: Final = b"*"
_ALLOWED_HEADERS: Final = (
    b"content-type, content-encoding, authorization, x-requested-with, traceparent, tracestate"
)
_MAX_AGE_S: Final = b"7200"  # the longest a Chromium browser keeps a preflight


class Cors:
    """Answers for the origins given; ``*`` is any origin. Without origins CORS is off.

    The origin is repeated in the answer, never ``*``: exporters that use sendBeacon ask with
    credentials, and a browser refuses ``*`` then.
    """

    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)
        self.enabled = bool(self._origins)

    def headers(self, request: Mapping[bytes, bytes]) -> Headers:
        """What an answer to ``request`` carries; nothing when CORS is off."""
        if not self.enabled:
            return []
        vary = (b"vary", b"origin")
        origin = request.get(b"origin")
        if origin is None or not (origin in self._origins or _ANY in self._origins):
            return [vary]
        return [
            vary,
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", b"retry-after"),
        ]

    def preflight(self, request: Mapping[bytes, bytes]) -> Headers | None:
        """What the answer to a preflight carries beside these; None when it is none."""
        if not self.enabled or b"access-control-request-method" not in request:
            return None
        return [
            (b"access-control-allow-methods", b"POST"),
            (b"access-control-allow-headers", _ALLOWED_HEADERS),
            (b"access-control-max-age", _MAX_AGE_S),
        ]
