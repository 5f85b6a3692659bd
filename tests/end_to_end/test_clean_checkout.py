"""What a newcomer does first: a clean checkout, an empty HOME, make."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end import serving
from tests.end_to_end.serving import ROOT
from tests.end_to_end.toolchain import needed

LOCKS = ("requirements.lock", "requirements-dev.lock", "tests/end_to_end/node/package-lock.json")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host_and_has_a_hash_for_everything(name: str) -> None:
    """Whatever index or mirror a machine uses, it installs the same bytes."""
    text = (ROOT / name).read_text()

    assert not re.search(r"https?://|--index-url|--find-links|\"resolved\"", text)
    if name.endswith(".lock"):
        pinned = re.findall(r"^[a-z0-9][^\s=]*==", text, re.MULTILINE | re.IGNORECASE)
        assert len(pinned) > 20
        assert text.count("--hash=sha256:") >= len(pinned)
    else:
        assert text.count('"integrity"') == text.count('"node_modules/')


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_make_install_and_serve_work_from_a_clean_checkout(tmp_path: Path) -> None:
    """Nothing but Python, make and pip: HOME is empty and no virtual environment is active."""
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    home.mkdir()
    clone = [needed("git"), "clone", "--quiet", str(ROOT), str(checkout)]
    subprocess.run(clone, check=True, timeout=120)
    make = [needed("make"), "install", f"PYTHON={_system_python()}"]
    subprocess.run(make, cwd=checkout, env=_environment(home), check=True, timeout=600)

    lockstitch = checkout / ".venv" / "bin" / "lockstitch"
    server = serving.start(tmp_path / "t.duckdb", program=[str(lockstitch)])
    try:
        assert server.get("/readyz") == {"status": "ready"}
        assert server.ask("GET", f"{server.web}/setup").status == 200
    finally:
        server.kill()


def _system_python() -> str:
    """The Python that the running virtual environment was made from."""
    return (
        shutil.which(f"python3.{sys.version_info.minor}", path=f"{sys.base_prefix}/bin")
        or "python3"
    )


def _environment(home: Path) -> dict[str, str]:
    dropped = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PIP_REQUIRE_VIRTUALENV"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "HOME": str(home)}
