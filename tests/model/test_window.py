"""Time windows as people type them."""

import pytest

from collector.errors import BadQuestion
from collector.model.window import Window, format_time, parse_time

NOW_NS = 1_795_186_800_123_456_789  # 2026-11-20T15:00:00.123456789Z
SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [
        ("2026-11-20T15:00:00Z", NOW_NS - 123_456_789),
        ("2026-11-20T15:00:00.123456789Z", NOW_NS),
        ("2026-11-20t15:00:00.5z", NOW_NS - 123_456_789 + 500_000_000),
        ("2026-11-20 15:00:00Z", NOW_NS - 123_456_789),
        ("2026-11-20T17:00:00+02:00", NOW_NS - 123_456_789),
        ("2026-11-20T17:00:00 02:00", NOW_NS - 123_456_789),
        ("2026-11-20T13:30:00-01:30", NOW_NS - 123_456_789),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.75Z", -250_000_000),
        ("-30s", NOW_NS - 30 * SECOND),
        ("-15m", NOW_NS - 900 * SECOND),
        ("-1h", NOW_NS - 3600 * SECOND),
        ("now-1h", NOW_NS - 3600 * SECOND),
        (" -7d ", NOW_NS - 7 * 86400 * SECOND),
        ("-2w", NOW_NS - 14 * 86400 * SECOND),
        ("-999999999w", 0),
        ("NOW", NOW_NS + 1_000_000),
    ],
)
def test_accepted_times(text: str, expected_ns: int) -> None:
    """RFC 3339 to the nanosecond with any zone, a time ago, and now."""
    assert parse_time(text, NOW_NS) == expected_ns


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "1h",
        "-1y",
        "-h",
        "2026-11-20",
        "2026-11-20T15:00:00",
        "2026-02-30T00:00:00Z",
        "2026-11-20T25:00:00Z",
        "2026-11-20T15:00:00.1234567890Z",
        "0001-01-01T00:00:00+10:00",
        "1795186800",
        "-1h; drop table spans",
        "-\u0661h",
        "x" * 10_000,
    ],
)
def test_other_times_are_refused_with_what_is_accepted(text: str) -> None:
    """The message names the parameter and every accepted form, and stays short."""
    with pytest.raises(BadQuestion, match=r"since .* RFC 3339 .* -15m.* or now") as refusal:
        parse_time(text, NOW_NS, "since")

    assert len(str(refusal.value)) < 400


def test_the_default_window_is_the_last_hour() -> None:
    """Both bounds come from one reading of the clock."""
    window = Window.parse(None, None, clock=lambda: NOW_NS)

    assert window == Window(NOW_NS - 3600 * SECOND, NOW_NS + 1_000_000)


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    """An empty answer would hide the mistake."""
    with pytest.raises(BadQuestion, match="since is not before until"):
        Window.parse("-1h", "-2h", clock=lambda: NOW_NS)


@pytest.mark.parametrize(
    ("time_ns", "expected"),
    [
        (NOW_NS, "2026-11-20T15:00:00.123456789Z"),
        (NOW_NS - 456_789, "2026-11-20T15:00:00.123Z"),
        (NOW_NS - 123_456_789, "2026-11-20T15:00:00Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (2**63 - 1, "2262-04-11T23:47:16.854775807Z"),
    ],
)
def test_times_are_written_with_the_digits_they_have(time_ns: int, expected: str) -> None:
    """Nanoseconds survive, and no zeros are made up."""
    assert format_time(time_ns) == expected
