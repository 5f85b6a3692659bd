"""A store on a temporary path: database, journal and running writer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.build import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store that is closed at the end of the test."""
    with Store(tmp_path) as opened:
        yield opened
