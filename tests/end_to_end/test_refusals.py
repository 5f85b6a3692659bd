"""What cannot work stops ``lockstitch serve`` at the start, with one sentence and exit code 2."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end import serving
from tests.end_to_end.serving import Server

_ELSEWHERE = ("--http-port", "0", "--grpc-port", "0", "--web-port", "0")


def refused(db: Path, *options: str) -> str:
    """What ``serve`` says on standard error when it refuses to start."""
    ended = serving.run("serve", "--db", str(db), *(options or _ELSEWHERE))
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr.strip()


def assert_one_sentence(text: str, *said: str) -> None:
    """One line for a person that names the thing and the remedy."""
    assert text.startswith("lockstitch: ")
    assert len(text.splitlines()) == 1, text
    for words in said:
        assert words in text


def test_a_database_another_collector_has_open_is_refused(serve: Callable[..., Server]) -> None:
    """The second ``serve`` on the same file goes away; the first one is not disturbed."""
    first = serve()

    assert_one_sentence(refused(first.db), str(first.db), "--db")
    assert first.get("/readyz") == {"status": "ready"}


def test_a_database_another_program_has_open_is_refused(tmp_path: Path) -> None:
    """A DuckDB shell left open on the file is named as what it is: another process."""
    db = tmp_path / "t.duckdb"
    with _shell_on(db):
        assert_one_sentence(refused(db), str(db), "is in use by")


def test_a_database_of_a_newer_build_is_refused_and_left_alone(
    tmp_path: Path, serve: Callable[..., Server]
) -> None:
    """Its schema version is higher than ours: upgrading is the remedy."""
    server = serve()
    assert server.stop() == 0
    with closing(duckdb.connect(str(server.db))) as connection:
        connection.execute("insert into schema_version (version) values (9999)")
    before = server.db.read_bytes()

    assert_one_sentence(refused(server.db), "9999", "upgrade")
    assert server.db.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Someone's notes given as --db stay what they were."""
    notes = tmp_path / "notes.txt"
    notes.write_text("buy milk\n" * 1000)

    assert_one_sentence(refused(notes), str(notes))
    assert notes.read_text() == "buy milk\n" * 1000


@pytest.mark.parametrize("busy", ["--http-port", "--grpc-port", "--web-port"])
def test_a_busy_port_is_named(tmp_path: Path, busy: str) -> None:
    """With the option that picks another one."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        others = [word for name in _ELSEWHERE[::2] if name != busy for word in (name, "0")]

        said = refused(tmp_path / "t.duckdb", busy, port, *others)

    assert_one_sentence(said, port, busy)


def test_listening_beyond_loopback_wants_protection_first(tmp_path: Path) -> None:
    """Nothing is opened to a network without tokens and a password; the text says how."""
    said = refused(tmp_path / "t.duckdb", "--host", "0.0.0.0", *_ELSEWHERE)

    for remedy in ("lockstitch token new", "lockstitch password", "--insecure"):
        assert remedy in said


def test_check_finds_what_serve_would_refuse(tmp_path: Path) -> None:
    """``lockstitch check`` exits with 1 and names each thing that is wrong."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        options = ("--db", str(tmp_path / "t.duckdb"), "--grpc-port", "0", "--web-port", "0")
        bad = serving.run("check", *options, "--http-port", port)
        good = serving.run("check", *options, "--http-port", "0")

    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert f"wrong port {port}" in bad.stdout
    assert good.returncode == 0, good.stdout + good.stderr
    assert not (tmp_path / "t.duckdb").exists()


def test_a_setting_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """A typing mistake does not go unnoticed."""
    said = refused(tmp_path / "t.duckdb", "--set", "retention_dais=3", *_ELSEWHERE)

    assert_one_sentence(said, "retention_dais")


@contextmanager
def _shell_on(db: Path) -> Iterator[None]:
    """Another process that has the database open, as a DuckDB shell has."""
    code = f"import duckdb; c = duckdb.connect({str(db)!r}); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as shell:
        assert shell.stdout is not None
        assert shell.stdout.readline() == "open\n"
        yield
        shell.communicate("\n", timeout=30)
