"""Finds the programs that tests need; a lacking one skips a test, but never in CI."""

import os
import shutil
from typing import NoReturn

import pytest


def needed(*names: str) -> str:
    """The path of the first of the programs that is there; skips the test when none is."""
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        lacking(f"this machine has no {names[0]}")
    return path


def lacking(reason: str) -> NoReturn:
    """Skips the test with a reason; in CI, where everything is there, that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI skips nothing")
    pytest.skip(reason)
