"""A running collector that has received ``tests/web/telemetry.py``, shared by tests of pages."""

import time
from collections.abc import Iterator

import pytest

from tests.web import telemetry
from tests.web.serving import Web


@pytest.fixture(scope="module")
def stopped_clock() -> Iterator[int]:
    """Now, ns, for as long as a module's tests last: ages stay what they are, nothing gets old."""
    now_ns = time.time_ns()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: now_ns)
        yield now_ns


@pytest.fixture(scope="session")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Read-only for tests: whoever sends telemetry starts a collector of its own."""
    web = Web(tmp_path_factory.mktemp("pages"))
    web.send(*telemetry.everything(time.time_ns(), sagas=60))
    yield web
    web.stop()
