"""A derived store per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.health.derived import DerivedStore, resource


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DerivedStore]:
    """A store that knows resource 1: an environment of the function orders."""
    opened = DerivedStore(tmp_path)
    opened.commit(resource(1, instance="2026/11/20/[17]0f3c9d1e2b4a5968778695a4b3c2d1e0"))
    yield opened
    opened.close()
