"""Who may send and who may look: checks ingest tokens and the web password.

A server sees what the command line changes within half a second. If the file is damaged or
vanishes meanwhile, the last good state stays in force: a fault must not open the door.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from collector.errors import SettingsError, Unauthenticated
from collector.receive import access_file
from collector.receive.access_file import AccessState, Token

_REREAD_S: Final = 0.5

_PREFIX: Final = "ls_"
_LONGEST_TOKEN: Final = 512  # characters; more is not hashed

_log = structlog.get_logger(__name__)


def token_of(headers: Mapping[bytes, bytes]) -> str:
    """The ingest token a request carries, in either header; "" when none."""
    token = bearer(headers.get(b"authorization", b"").decode("latin-1"))
    return token or headers.get(b"x-amz-firehose-access-key", b"").decode("latin-1")


def bearer(authorization: str) -> str:
    """The token in the value of an Authorization header; "" when it is of another scheme."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class Access:
    """The tokens and the password in one access file; thread-safe.

    Tokens are demanded as soon as one exists, and still when the last has been revoked.
    ``own_token`` lets this process send to itself; it is in no file and ends with the process.

    Raises:
        SettingsError: the access file is damaged or cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.own_token = _PREFIX + secrets.token_urlsafe(32)
        self._own_digest = hashlib.sha256(self.own_token.encode()).hexdigest()
        self._fresh_secret = secrets.token_urlsafe(32)
        self._demanded = False
        self._hasher = PasswordHasher()
        self._stamp = self._read_stamp()
        self._state = access_file.read(self.path)
        self._checked_s = time.monotonic()

    def demand_tokens(self) -> None:
        """From now on a token is demanded even while there is none."""
        self._demanded = True

    def check(self, token: str) -> None:
        """Lets a sender pass; takes the same time whichever token is wrong.

        Raises:
            Unauthenticated: a token is demanded and this is none of them.
        """
        state = self._current()
        if not (state.tokens_demanded or self._demanded):
            return
        digest = hashlib.sha256(token[:_LONGEST_TOKEN].encode()).hexdigest()
        known = (self._own_digest, *(token.sha256 for token in state.tokens))
        matches = [hmac.compare_digest(digest, one) for one in known]
        if not any(matches):
            raise Unauthenticated(
                "no valid ingest token: make one with `lockstitch token new NAME` and send it as "
                "`Authorization: Bearer TOKEN`"
            )

    @property
    def tokens(self) -> Sequence[Token]:
        """The tokens in force, oldest first."""
        return self._current().tokens

    @property
    def has_password(self) -> bool:
        """Whether the web UI asks for a password."""
        return self._current().password_hash is not None

    def new_token(self, name: str) -> str:
        """Makes a token and returns it: the only time it can be seen.

        Raises:
            SettingsError: the name is empty or in use, or the file cannot be written.
        """
        token = _PREFIX + secrets.token_urlsafe(32)
        kept = Token(
            name=name,
            created=datetime.now(UTC),
            sha256=hashlib.sha256(token.encode()).hexdigest(),
        )

        def add(state: AccessState) -> AccessState:
            if not name.strip() or any(known.name == name for known in state.tokens):
                raise SettingsError(
                    f"there is a token named {name!r} already: revoke it, or pick another name"
                    if name.strip()
                    else "a token needs a name, such as that of the account or team that sends"
                )
            return state.model_copy(
                update={"tokens": (*state.tokens, kept), "tokens_demanded": True}
            )

        self._change(add)
        return token

    def revoke_token(self, name: str) -> None:
        """Ends a token; running servers refuse it within half a second.

        Raises:
            SettingsError: there is no token of that name.
        """

        def remove(state: AccessState) -> AccessState:
            left = tuple(token for token in state.tokens if token.name != name)
            if len(left) == len(state.tokens):
                raise SettingsError(
                    f"there is no token named {name!r}: see `lockstitch token list`"
                )
            return state.model_copy(update={"tokens": left})

        self._change(remove)

    def set_password(self, password: str) -> None:
        """Sets the web password and ends all sessions.

        Raises:
            SettingsError: it is shorter than 8 characters.
        """
        if len(password) < 8:
            raise SettingsError("the web password needs at least 8 characters")
        update = {
            "password_hash": self._hasher.hash(password),
            "session_secret": secrets.token_urlsafe(32),
        }
        self._change(lambda state: state.model_copy(update=update))

    def verify_password(self, password: str) -> bool:
        """Whether this is the web password; takes about 50 ms on purpose (argon2)."""
        known = self._current().password_hash
        if known is None:
            return False
        try:
            return self._hasher.verify(known, password)
        except (VerificationError, InvalidHashError):
            return False

    def session_secret(self) -> bytes:
        """The key that signs web sessions; made at first use, changed with the password."""
        known = self._current().session_secret
        return (known or self._kept_secret()).encode()

    def _kept_secret(self) -> str:
        """Keeps a secret made with this object, so that a restart ends no session.

        Where it cannot be kept (a full disk), sessions end with the process and pages still work.
        """
        fresh = self._fresh_secret
        try:
            self._change(
                lambda now: now.model_copy(update={"session_secret": now.session_secret or fresh})
            )
        except SettingsError as error:
            _log.error(f"{error}; web sessions will end with this process")
            self._state = self._state.model_copy(update={"session_secret": fresh})
        return self._state.session_secret

    def _change(self, make: access_file.Change) -> AccessState:
        self._state = access_file.change(self.path, make)
        self._stamp = self._read_stamp()
        return self._state

    def _current(self) -> AccessState:
        now_s = time.monotonic()
        if now_s - self._checked_s > _REREAD_S:
            self._checked_s = now_s
            self._reread()
        return self._state

    def _reread(self) -> None:
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        if stamp is None:
            _log.error(f"the access file {self.path} is gone: what it said stays in force")
            return
        try:
            self._state = access_file.read(self.path)
        except SettingsError as error:
            _log.error(f"{error}; until then what was read before stays in force")

    def _read_stamp(self) -> tuple[int, int, int] | None:
        """What changes whenever the file is replaced; None when there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size
