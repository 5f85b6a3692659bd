"""Ingest tokens and the web password, across processes and faults."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from collector.errors import SettingsError, Unauthenticated
from collector.receive.access import Access, bearer, token_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "test.duckdb.access.json"


def admits(access: Access, token: str) -> bool:
    try:
        access.check(token)
    except Unauthenticated:
        return False
    return True


def test_without_tokens_anyone_may_send(path: Path) -> None:
    """A newcomer on loopback needs no token."""
    assert admits(Access(path), "")


def test_one_token_closes_the_door(path: Path) -> None:
    """From the first token on it takes one of them."""
    access = Access(path)
    first, second = access.new_token("orders"), access.new_token("payments")

    assert admits(access, first)
    assert admits(access, second)
    assert not admits(access, "")
    assert not admits(access, first[:-1])
    assert first.startswith("ls_")


def test_demanded_tokens_stay_demanded(path: Path) -> None:
    """Beyond loopback, revoking the last token lets nobody in."""
    access = Access(path)
    access.demand_tokens()

    assert not admits(access, "")


def test_a_revoked_token_is_refused(path: Path) -> None:
    """The others go on working."""
    access = Access(path)
    first, second = access.new_token("orders"), access.new_token("payments")
    access.revoke_token("orders")

    assert not admits(access, first)
    assert admits(access, second)
    assert [token.name for token in access.tokens] == ["payments"]


@pytest.mark.parametrize("name", ["orders", "", "  "])
def test_names_are_unique_and_not_empty(path: Path, name: str) -> None:
    """A token that cannot be told from another cannot be revoked."""
    access = Access(path)
    access.new_token("orders")

    with pytest.raises(SettingsError):
        access.new_token(name)


def test_revoking_an_unknown_name_says_so(path: Path) -> None:
    """A typing error must not look like success."""
    with pytest.raises(SettingsError, match="token list"):
        Access(path).revoke_token("ordres")


def test_the_file_holds_no_secret_and_is_ours_alone(path: Path) -> None:
    """Neither token nor password can be read from it; its mode is 0600."""
    access = Access(path)
    token = access.new_token("orders")
    access.set_password("correct horse")

    text = path.read_text()
    assert token not in text
    assert token.removeprefix("ls_") not in text
    assert "correct horse" not in text
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_running_server_sees_what_another_process_changes(path: Path) -> None:
    """`lockstitch token` works on the file; the server rereads it."""
    server = Access(path)
    command = (
        "import sys, pathlib; from collector.receive.access import Access; "
        "print(Access(pathlib.Path(sys.argv[1])).new_token('orders'))"
    )
    made = subprocess.run(
        [sys.executable, "-c", command, str(path)], capture_output=True, text=True, check=True
    )
    time.sleep(0.6)

    assert not admits(server, "")
    assert admits(server, made.stdout.strip())


@pytest.mark.parametrize("fault", ["damaged", "gone"])
def test_a_fault_keeps_the_door_closed(path: Path, fault: str) -> None:
    """A damaged or deleted file leaves the last good state in force."""
    access = Access(path)
    token = access.new_token("orders")
    if fault == "damaged":
        path.write_text("{")
    else:
        path.unlink()
    time.sleep(0.6)

    assert not admits(access, "")
    assert admits(access, token)


@pytest.mark.parametrize("text", ["{", '{"tokens": 1}', '{"unknown": 1}', "\x00"])
def test_a_damaged_file_stops_the_start(path: Path, text: str) -> None:
    """One sentence names the file and what to do."""
    path.write_text(text)

    with pytest.raises(SettingsError, match="damaged"):
        Access(path)


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A token cannot be kept nowhere."""
    with pytest.raises(SettingsError, match="cannot write"):
        Access(tmp_path / "missing" / "access.json").new_token("orders")


def test_changes_at_the_same_time_are_all_kept(path: Path) -> None:
    """Writers wait for one another, so none undoes another's change."""
    threads = [
        threading.Thread(target=Access(path).new_token, args=(f"t{number}",)) for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(json.loads(path.read_text())["tokens"]) == 8


def test_the_password_is_verified(path: Path) -> None:
    """Right passes, wrong does not, and without one nobody does."""
    access = Access(path)
    assert not access.has_password
    assert not access.verify_password("")
    access.set_password("correct horse")

    assert access.has_password
    assert access.verify_password("correct horse")
    assert not access.verify_password("correct horsf")


def test_a_short_password_is_refused(path: Path) -> None:
    """Eight characters at least."""
    with pytest.raises(SettingsError, match="8 characters"):
        Access(path).set_password("1234567")


def test_a_new_password_ends_sessions(path: Path) -> None:
    """The signing secret is kept across restarts and changes with the password."""
    access = Access(path)
    secret = access.session_secret()
    kept = Access(path).session_secret()
    access.set_password("correct horse")

    assert len(secret) >= 32
    assert kept == secret
    assert access.session_secret() != secret


def test_tokens_are_read_from_either_header() -> None:
    """Bearer in any case, or the header Firehose has."""
    assert token_of({b"authorization": b"Bearer abc"}) == "abc"
    assert token_of({b"authorization": b"bearer  abc "}) == "abc"
    assert token_of({b"x-amz-firehose-access-key": b"abc"}) == "abc"
    assert token_of({b"authorization": b"Basic abc"}) == ""
    assert token_of({}) == ""
    assert bearer("Bearer") == ""


def test_an_unreadable_file_stops_the_start(path: Path) -> None:
    """Without reading it we cannot know whom to let in."""
    path.mkdir()

    with pytest.raises(SettingsError, match="cannot read"):
        Access(path)
    path.rmdir()
