"""The journal: what was appended comes back, whatever happened to the disk in between."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from collector.batch import Export, Signal
from collector.errors import StoreLocked, StoreUnavailable
from collector.store import journal as journal_module
from collector.store.journal import Journal
from collector.store.segment import HEADER_BYTES, digest_of
from tests.store.build import export


def bodies(journal: Journal, after: int = 0) -> list[bytes]:
    """The bodies a replay gives."""
    return [item.body for item in journal.replay(after)]


def written(directory: Path, *groups: list[Export]) -> Path:
    """The one segment of a journal with these groups, closed again."""
    journal = Journal.open(directory)
    for group in groups:
        journal.append(group)
    journal.close()
    [path] = directory.glob("*.segment")
    return path


def test_exports_come_back_as_they_were(tmp_path: Path) -> None:
    """Number, signal, time and body survive; an empty body too."""
    group = [Export(5, Signal.LOGS, b"", 7), Export(9, Signal.METRICS, b"x" * 100_000, -1)]
    written(tmp_path, group)
    journal = Journal.open(tmp_path)

    assert list(journal.replay(0)) == group
    assert journal.last_seq == 9
    assert bodies(journal, 5) == [b"x" * 100_000]
    journal.close()


def test_digests_are_those_of_signal_and_body(tmp_path: Path) -> None:
    """The key of dedup is at hand after append and after replay, and tells signals apart."""
    item = export(1, b"same")
    journal = Journal.open(tmp_path)
    journal.append([item])

    assert journal.take_digest(item) == digest_of(Signal.TRACES, b"same")
    assert journal.take_digest(item) != digest_of(Signal.LOGS, b"same")
    journal.close()


def test_appending_goes_on_after_reopening(tmp_path: Path) -> None:
    """A journal grows over several lives of the process."""
    for seq in (1, 2, 3):
        journal = Journal.open(tmp_path)
        assert journal.last_seq == seq - 1
        journal.append([export(seq)])
        journal.close()

    journal = Journal.open(tmp_path)
    assert bodies(journal) == [b"export 1", b"export 2", b"export 3"]
    journal.close()


def test_a_torn_last_record_is_cut_at_every_byte(tmp_path: Path) -> None:
    """Wherever the last record ends, the earlier ones stay and appending works."""
    path = written(tmp_path, [export(1)], [export(2)])
    whole = path.read_bytes()
    for length in range(len(whole) // 2, len(whole)):
        path.write_bytes(whole[:length])
        journal = Journal.open(tmp_path)
        journal.append([export(3)])
        found, last = bodies(journal), journal.last_seq
        journal.close()
        for extra in set(tmp_path.glob("*.segment")) - {path}:
            extra.unlink()

        assert (found, last) == ([b"export 1", b"export 3"], 3)


@pytest.mark.parametrize("at", [0, 9, 13, 17, 25, 33, 49, HEADER_BYTES + 2])
def test_a_damaged_record_is_skipped_and_kept_aside(tmp_path: Path, at: int) -> None:
    """One flipped byte anywhere in a record loses that record only, and is counted."""
    path = written(tmp_path, [export(1), export(2), export(3)])
    data = bytearray(path.read_bytes())
    data[len(data) // 3 + at] ^= 0xFF
    path.write_bytes(data)
    journal = Journal.open(tmp_path)

    assert bodies(journal) == [b"export 1", b"export 3"]
    assert journal.damaged_records == 1
    assert list(tmp_path.glob("*.damaged"))
    journal.close()


def test_a_body_cannot_pretend_to_be_a_record(tmp_path: Path) -> None:
    """Behind damage, records are found by a marker that no sender knows."""
    other = written(tmp_path / "other", [export(8, b"forged")]).read_bytes()
    path = written(tmp_path / "mine", [export(1, b"--" + other + b"--"), export(2)])
    data = bytearray(path.read_bytes())
    data[20] ^= 0xFF
    path.write_bytes(data)
    journal = Journal.open(tmp_path / "mine")

    assert bodies(journal) == [b"export 2"]
    journal.close()


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, b"garbage" * 99])
def test_a_segment_of_nothing_good_is_no_obstacle(tmp_path: Path, content: bytes) -> None:
    """Zeros after power loss, or rubbish, are cut off like a torn record."""
    path = written(tmp_path, [export(1)])
    path.write_bytes(content)
    journal = Journal.open(tmp_path)
    journal.append([export(2)])

    assert bodies(journal) == [b"export 2"]
    journal.close()


def test_released_segments_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment goes when its last export is applied, not before."""
    monkeypatch.setattr(journal_module, "SEGMENT_BYTES", 1)
    journal = Journal.open(tmp_path)
    for seq in (1, 2, 3):
        journal.append([export(seq)])
    journal.release(2)

    assert bodies(journal) == [b"export 3"]
    journal.release(3)
    journal.append([export(4)])
    assert bodies(journal) == [b"export 4"]
    journal.close()


def test_two_processes_do_not_share_a_journal(tmp_path: Path) -> None:
    """The second is refused with what to do."""
    journal = Journal.open(tmp_path)

    with pytest.raises(StoreLocked, match="another process"):
        Journal.open(tmp_path)
    journal.close()


def failing(call: object, error: int, times: int) -> object:
    """``call`` failing the first ``times`` times, as a bad disk would."""
    left = [times]

    def tried(*arguments: object) -> object:
        if left[0]:
            left[0] -= 1
            raise OSError(error, os.strerror(error))
        return call(*arguments)  # type: ignore[operator]

    return tried


@pytest.mark.parametrize(("call", "error"), [("pwrite", "ENOSPC"), ("fdatasync", "EIO")])
def test_a_failed_append_leaves_nothing_and_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: str
) -> None:
    """The sender is told to retry, the half-written group is gone, the next append works."""
    journal = Journal.open(tmp_path)
    journal.append([export(1)])
    monkeypatch.setattr(os, call, failing(getattr(os, call), getattr(errno, error), 1))
    with pytest.raises(StoreUnavailable):
        journal.append([export(2), export(3)])
    journal.append([export(4)])

    assert bodies(journal) == [b"export 1", b"export 4"]
    journal.close()
    journal = Journal.open(tmp_path)
    assert bodies(journal) == [b"export 1", b"export 4"]
    journal.close()


def test_after_a_failed_fsync_another_segment_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel may have dropped the pages it could not write: that file is not written again."""
    journal = Journal.open(tmp_path)
    journal.append([export(1)])
    monkeypatch.setattr(os, "fdatasync", failing(os.fdatasync, errno.EIO, 1))
    with pytest.raises(StoreUnavailable):
        journal.append([export(2)])
    journal.append([export(3)])

    assert len(list(tmp_path.glob("*.segment"))) == 2
    journal.close()


def test_a_segment_whose_name_is_not_durable_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed sync of the directory the next append begins with another file."""
    journal = Journal.open(tmp_path)
    monkeypatch.setattr(os, "fsync", failing(os.fsync, errno.EIO, 1))
    with pytest.raises(StoreUnavailable):
        journal.append([export(1)])
    [lost] = tmp_path.glob("*.segment")
    journal.append([export(2)])

    assert lost.stat().st_size == 0
    assert bodies(journal) == [b"export 2"]
    journal.close()


def test_damage_is_skipped_where_files_cannot_be_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is a help to a person; starting does not depend on it."""
    path = written(tmp_path, [export(1), export(2)])
    path.write_bytes(b"?" + path.read_bytes()[1:])
    monkeypatch.setattr(os, "link", failing(os.link, errno.EPERM, 9))
    journal = Journal.open(tmp_path)

    assert bodies(journal) == [b"export 2"]
    journal.close()


FULL = """
import resource, signal, sys
from pathlib import Path
from collector.errors import StoreUnavailable
from collector.store.journal import Journal
from tests.store.build import export
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal.open(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
journal.append([export(1, b"a" * 6000)])
try:
    journal.append([export(2, b"b" * 1000), export(3, b"c" * 6000)])
except StoreUnavailable as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append([export(4, b"d" * 6000)])
print([item.seq for item in journal.replay(0)])
"""


def test_a_write_that_stops_half_way_leaves_nothing(tmp_path: Path) -> None:
    """The kernel takes part of a group and refuses the rest: none of it is replayed."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.splitlines() == ["the journal cannot be written: File too large", "[1, 4]"]
