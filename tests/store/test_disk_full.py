"""A disk that fills up under load and gets room again: nothing answered is lost."""

import subprocess
import sys
from pathlib import Path

# The limit on the size of a file makes writes fail in the kernel, inside DuckDB too.
FULL = """
import resource, signal, sys, time
from pathlib import Path
from collector.errors import StoreUnavailable
from tests.store.build import Store

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
with Store(Path(sys.argv[1]), checkpoint_bytes=400_000) as store:
    store.send(b"before")
    store.settle()
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    answered = 1
    while store.writer.healthy:
        store.send(b"full %d" % answered, each=300)
        store.writer.wait_visible(0.3)
        answered += 1
    store.send(b"while full", each=300)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store.settle()
    assert store.ask("select count(*) from exports") == [(answered + 1,)]
    assert store.ask("select count(*) from spans") == [(300 * answered + 2,)]
    store.send(b"after", each=2000)
    store.settle()
assert not list(Path(sys.argv[1]).glob("*.quarantine"))
"""


READ = """
import resource, signal, sys
from pathlib import Path
from collector.errors import StoreUnavailable
from tests.store import build

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
database = build.open_database(Path(sys.argv[1]))
spans = build.spans([build.export(1)], each=5000).tables["spans"]
database.write(lambda cursor: build.insert(cursor, "spans", spans))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    database.checkpoint()
except StoreUnavailable as error:
    print(error)
print(database.read(lambda cursor: cursor.execute("select count(*) from traces").fetchall()))
"""


def told(code: str, directory: Path, limit: int) -> str:
    """What the code prints when no file may grow beyond ``limit`` bytes."""
    done = subprocess.run(
        [sys.executable, "-c", code, str(directory), str(limit)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_a_full_disk_at_commit_is_waited_for(tmp_path: Path) -> None:
    """DuckDB's log cannot grow: one line says so, one says that it is over."""
    log = told(FULL, tmp_path, 250_000)

    assert log.count("the database takes nothing") == 1
    assert log.count("the database takes data again") == 1


def test_a_full_disk_at_checkpoint_is_survived(tmp_path: Path) -> None:
    """The fatal error that invalidates DuckDB's instance: it is opened again by itself."""
    log = told(FULL, tmp_path, 900_000)

    assert log.count("the database cannot checkpoint") == 1
    assert "FATAL" in log


def test_what_a_failed_checkpoint_closed_is_read_while_the_disk_is_full(tmp_path: Path) -> None:
    """To open the file again takes no space."""
    printed = told(READ, tmp_path, 300_000)

    assert "FATAL" in printed
    assert printed.endswith("[(1,)]\n")
