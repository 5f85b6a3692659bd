"""A running collector that has received ``tests/web/telemetry.py``, shared by tests of pages."""

import time
from collections.abc import Iterator

import pytest

from tests.web import telemetry
from tests.web.serving import Web


@pytest.fixture(scope="session")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Read-only for tests: whoever sends telemetry starts a collector of its own."""
    web = Web(tmp_path_factory.mktemp("pages"))
    web.send(*telemetry.everything(time.time_ns(), sagas=60))
    yield web
    web.stop()
