"""Fixtures of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.derive.stitched import StitchedStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StitchedStore]:
    """An empty store, closed at the end of the test."""
    opened = StitchedStore(tmp_path)
    yield opened
    opened.close()
