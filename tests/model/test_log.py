"""Severities by name and number."""

import pytest

from collector.errors import BadQuestion
from collector.model.log import severity_name, severity_number


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "unspecified"), (1, "trace"), (8, "debug"), (9, "info"), (16, "warn"), (24, "fatal"),
     (25, "unspecified"), (-1, "unspecified")],
)  # fmt: skip
def test_names(number: int, name: str) -> None:
    """Four numbers share a name; numbers OTLP does not have are unspecified."""
    assert severity_name(number) == name


@pytest.mark.parametrize(
    ("text", "number"), [("warn", 13), ("WARNING", 13), ("critical", 21), ("17", 17), (" info ", 9)]
)
def test_numbers(text: str, number: int) -> None:
    """A name stands for the least of its numbers."""
    assert severity_number(text) == number


@pytest.mark.parametrize("text", ["loud", "0", "25", "²", ""])
def test_other_severities_are_refused(text: str) -> None:
    """The message lists the names."""
    with pytest.raises(BadQuestion, match="trace, debug, info, warn, error, fatal or 1 to 24"):
        severity_number(text)
