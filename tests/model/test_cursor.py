"""Cursors are opaque, and worthless when changed."""

import pytest

from collector.errors import BadQuestion
from collector.model import cursor


def test_a_cursor_gives_back_its_key() -> None:
    """Numbers to 63 bits and text survive; the text needs no escaping in a URL."""
    text = cursor.write(2**63 - 1, -5, "6b00")

    assert cursor.read(text, (int, int, str)) == [2**63 - 1, -5, "6b00"]
    assert text.replace("_", "").replace("-", "").isalnum()


@pytest.mark.parametrize(
    "text",
    ["", "x", "!!!", "WzFd", cursor.write("a", 1), cursor.write(1, 2**70), "W" * 9999, "é"],
)
def test_other_text_is_refused(text: str) -> None:
    """Neither garbage nor the cursor of another list is taken for a place."""
    with pytest.raises(BadQuestion, match="pass next_cursor unchanged"):
        cursor.read(text, (int, int))
