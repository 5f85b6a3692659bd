"""A disk that can be filled and freed, for one server, without harm to the machine.

Where the kernel lets us, a tmpfs of its own in user and mount namespaces, which needs no root: a
full one answers "No space left on device". Elsewhere the server's files are kept from growing by
a resource limit, which answers "File too large".
"""

import contextlib
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.end_to_end.serving import Server

_UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")


class SmallDisk:
    """``folder`` is where the server's database goes, ``launcher`` goes before its command.

    ``seen`` is the folder as this process sees it.
    """

    def __init__(self, folder: Path, holder: subprocess.Popen[str] | None) -> None:
        self.folder = folder
        self._holder = holder
        self.seen = folder
        self.launcher: list[str] = []
        if holder is not None:
            self.seen = Path(f"/proc/{holder.pid}/root{folder}")
            enter = "nsenter --user --preserve-credentials --mount --target"
            self.launcher = [*enter.split(), str(holder.pid)]

    def fill(self, server: Server) -> None:
        """From now on nothing more fits."""
        if self._holder is None:
            largest = max(p.stat().st_size for p in self.folder.rglob("*") if p.is_file())
            _limit(server, largest)
            return
        with (self.seen / "filler").open("wb", buffering=0) as filler:
            for size in (2**20, 4096, 1):
                with contextlib.suppress(OSError):
                    while filler.write(b"\0" * size):
                        pass

    def free(self, server: Server) -> None:
        """There is room again."""
        if self._holder is None:
            _limit(server, resource.RLIM_INFINITY)
        else:
            (self.seen / "filler").unlink()

    def take_out(self, name: str, to: Path) -> Path:
        """Copies a file off the disk: DuckDB resolves the path we see it by to where it is not."""
        return Path(shutil.copy(self.seen / name, to))


@contextlib.contextmanager
def small_disk(folder: Path, size_mib: int) -> Iterator[SmallDisk]:
    """A disk of that size at ``folder``."""
    folder.mkdir()
    script = (
        f"mount -t tmpfs -o size={size_mib}m lockstitch-test {folder} && echo ready && read end"
    )
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        yield SmallDisk(folder, None)
        return
    with subprocess.Popen(
        [*_UNSHARE, "sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        mounted = holder.stdout.readline() == "ready\n"
        yield SmallDisk(folder, holder if mounted else None)
        holder.kill()


def _limit(server: Server, size: int) -> None:
    process = psutil.Process(server.process.pid)
    process.rlimit(psutil.RLIMIT_FSIZE, (size, process.rlimit(psutil.RLIMIT_FSIZE)[1]))
