"""A derived store per test, as the tests of health have it."""

from tests.health.conftest import store

__all__ = ["store"]
