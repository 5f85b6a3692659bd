"""The access file: ingest tokens and the web password's hash, beside the database.

JSON, readable by its owner only, replaced as a whole and under a lock, so that the command line
can change it while a server runs. Tokens are 256 random bits: a plain SHA-256 of them is kept.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from collector.errors import SettingsError


class Token(BaseModel):
    """One ingest token as kept: nothing of the secret can be read back from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    created: AwareDatetime
    sha256: str  # hex digest of the token


class AccessState(BaseModel):
    """What the file holds; all of it empty when there is no file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokens: tuple[Token, ...] = ()
    tokens_demanded: bool = False  # once there was a token: revoking the last opens no door
    password_hash: str | None = None  # argon2, in its own encoded form
    session_secret: str = ""  # signs the web UI's cookies


Change = Callable[[AccessState], AccessState]


def read(path: Path) -> AccessState:
    """What the file says; the empty state when there is none.

    Raises:
        SettingsError: it cannot be read or is damaged.
    """
    try:
        return AccessState.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return AccessState()
    except OSError as error:
        raise SettingsError(
            f"cannot read the access file {path} ({error.strerror}): "
            "run as the user who owns it, or mend its permissions"
        ) from error
    except ValidationError as error:
        raise SettingsError(
            f"the access file {path} is damaged: restore it from a backup, or delete it and "
            "make tokens and password anew (lockstitch token new NAME, lockstitch password)"
        ) from error


def change(path: Path, make: Change) -> AccessState:
    """Replaces the file by what ``make`` makes of it; changes wait for one another.

    Raises:
        SettingsError: the file is damaged or cannot be written.
    """
    try:
        with _locked(path.parent):
            state = make(read(path))
            _replace(path, state)
            return state
    except OSError as error:
        raise SettingsError(
            f"cannot write the access file {path} ({error.strerror}): check that "
            f"{path.parent} exists, is writable and has space"
        ) from error


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Holds a lock on the directory: a lock on the file would go with the file it replaces."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(path: Path, state: AccessState) -> None:
    handle, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(state.model_dump_json(indent=2).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise
