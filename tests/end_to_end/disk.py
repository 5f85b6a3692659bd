"""A disk that can be filled and freed, for one server, without harm to the machine.

Where the kernel lets us, a tmpfs of its own that only the server sees (user and mount namespaces,
no root needed): a full one answers "No space left on device". Elsewhere the server's files are
kept from growing by a resource limit, which answers "File too large".
"""

import contextlib
import os
import resource
import shutil
import subprocess
from pathlib import Path

import psutil

_UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")


class SmallDisk:
    """``folder`` is where the server's database goes; ``launcher`` goes before its command."""

    def __init__(self, folder: Path, size_mib: int) -> None:
        folder.mkdir()
        self.folder = folder
        mount = f"mount -t tmpfs -o size={size_mib}m lockstitch-test {folder}"
        self._mounted = _works([*_UNSHARE, "sh", "-c", mount])
        self.launcher = (
            [*_UNSHARE, "sh", "-c", f'{mount} && exec "$@"', "sh"] if self._mounted else []
        )
        self._pid = 0

    def attach(self, pid: int) -> None:
        """Tells whose disk it is."""
        self._pid = pid

    def fill(self) -> None:
        """From now on nothing more fits."""
        if not self._mounted:
            largest = max(p.stat().st_size for p in self.folder.rglob("*") if p.is_file())
            self._limit(largest)
            return
        with self._filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            for size in (2**20, 4096, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"\0" * size):
                        pass

    def free(self) -> None:
        """There is room again."""
        if self._mounted:
            self._filler.unlink()
        else:
            self._limit(resource.RLIM_INFINITY)

    @property
    def _filler(self) -> Path:
        return Path(f"/proc/{self._pid}/root{self.folder}") / "filler"

    def _limit(self, size: int) -> None:
        hard = psutil.Process(self._pid).rlimit(psutil.RLIMIT_FSIZE)[1]
        psutil.Process(self._pid).rlimit(psutil.RLIMIT_FSIZE, (size, hard))


def _works(command: list[str]) -> bool:
    if shutil.which(command[0]) is None or os.name != "posix":
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
