"""The recorded stories in a running collector."""

from collections.abc import Iterator

import pytest

from tests.sample_data.captured import recorded
from tests.sample_data.replaying import replay
from tests.web.serving import Web


@pytest.fixture(scope="package")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A collector that has received the recorded stories as they were recorded; tests only read."""
    running = Web(tmp_path_factory.mktemp("stories"), retention_days=100_000)
    replay(running, [export for story in recorded() for export in story.requests()])
    yield running
    running.stop()
