"""Where we may listen, and with which certificate."""

from pathlib import Path

import pytest
import trustme

from collector.errors import SettingsError, Unauthenticated
from collector.receive.access import Access
from collector.receive.bind import require_safe, tls_context
from collector.settings import Settings


@pytest.fixture
def access(tmp_path: Path) -> Access:
    return Access(tmp_path / "access.json")


def pair(directory: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate and its key as PEM files."""
    issued = trustme.CA().issue_cert("localhost")
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    return certificate, key


def test_loopback_needs_nothing(access: Access) -> None:
    """A newcomer on their own machine starts at once."""
    require_safe(Settings(host="127.0.0.1"), access)
    require_safe(Settings(host="::1"), access)


def test_beyond_loopback_the_missing_commands_are_named(access: Access) -> None:
    """The refusal is a recipe."""
    with pytest.raises(SettingsError) as raised:
        require_safe(Settings(host="0.0.0.0"), access)

    assert "lockstitch token new NAME" in str(raised.value)
    assert "lockstitch password" in str(raised.value)
    assert "--insecure" in str(raised.value)


def test_only_what_is_missing_is_named(access: Access) -> None:
    """With a token there, only the password is left to set."""
    access.new_token("orders")
    with pytest.raises(SettingsError) as raised:
        require_safe(Settings(host="0.0.0.0"), access)

    assert "token new" not in str(raised.value)
    assert "lockstitch password" in str(raised.value)


def test_protected_it_may_listen_anywhere(access: Access) -> None:
    """Tokens stay demanded, also when the last one is revoked."""
    access.new_token("orders")
    access.set_password("correct horse")
    require_safe(Settings(host="0.0.0.0"), access)
    access.revoke_token("orders")

    with pytest.raises(Unauthenticated):
        access.check("")


def test_insecure_is_the_users_word(access: Access) -> None:
    """With --insecure it listens, and lets anyone send."""
    require_safe(Settings(host="0.0.0.0", insecure=True), access)

    access.check("")


def test_a_certificate_and_its_key_are_taken(tmp_path: Path) -> None:
    """Without files there is no TLS."""
    certificate, key = pair(tmp_path, "a")

    assert tls_context(Settings(tls_cert=certificate, tls_key=key)) is not None
    assert tls_context(Settings()) is None


def test_files_that_cannot_work_are_told_at_start(tmp_path: Path) -> None:
    """Missing, mismatched or no PEM: each has its sentence."""
    certificate, key = pair(tmp_path, "a")
    _, other_key = pair(tmp_path, "b")
    text = tmp_path / "text"
    text.write_text("hello")
    sentences = {
        (certificate, tmp_path / "missing"): "cannot read",
        (certificate, other_key): "not the key of",
        (text, key): "not PEM",
        (certificate, text): "not PEM",
    }

    for (cert, private), sentence in sentences.items():
        with pytest.raises(SettingsError, match=sentence):
            tls_context(Settings(tls_cert=cert, tls_key=private))
