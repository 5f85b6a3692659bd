"""Who is asking: a signed cookie that says whether this browser has logged in, and its CSRF token.

Nothing about a session is stored: the cookie is signed with the access file's secret, ends after
12 idle hours, and is worth nothing once the password changes (the secret changes with it).
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from itsdangerous import BadData, URLSafeTimedSerializer

COOKIE: Final = "lockstitch_session"
IDLE_S: Final = 12 * 3600
_RENEW_S: Final = 300  # a cookie is written again at most this often


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. ``is_new``: the cookie must be sent with the answer."""

    id: str
    signed_in: bool
    csrf_token: str
    is_new: bool = False


class Sessions:
    """Reads and writes the cookie; ``secret`` is asked each time, so a new one counts at once."""

    def __init__(self, secret: Callable[[], bytes], *, secure: bool) -> None:
        self._secret = secret
        self._secure = secure

    def read(self, cookie: str | None) -> Session:
        """The session a cookie carries; a fresh one, not signed in, for a bad or missing cookie."""
        try:
            value, made_at = self._serializer().loads(
                cookie or "", max_age=IDLE_S, return_timestamp=True
            )
            identity, signed_in = str(value[0]), value[1] is True
        except (BadData, LookupError, TypeError):
            return self.begin(signed_in=False)
        age_s = time.time() - made_at.timestamp()
        return Session(identity, signed_in, self._csrf_token(identity), age_s > _RENEW_S)

    def begin(self, *, signed_in: bool) -> Session:
        """A session with an id of its own: logging in never keeps the id from before."""
        identity = secrets.token_urlsafe(18)
        return Session(identity, signed_in, self._csrf_token(identity), is_new=True)

    def header(self, session: Session) -> str:
        """The Set-Cookie header that keeps a session; its idle time starts now."""
        value = self._serializer().dumps([session.id, session.signed_in])
        secure = "; Secure" if self._secure else ""
        return f"{COOKIE}={value}; Max-Age={IDLE_S}; Path=/; HttpOnly; SameSite=Lax{secure}"

    def _csrf_token(self, identity: str) -> str:
        return hmac.new(self._secret(), b"csrf" + identity.encode(), hashlib.sha256).hexdigest()

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret(), salt="lockstitch.session")


def same_token(given: str | None, session: Session) -> bool:
    """Whether a form or header carries the session's CSRF token."""
    return given is not None and hmac.compare_digest(given.encode(), session.csrf_token.encode())
