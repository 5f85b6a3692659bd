"""Ignored keys, gathered by the reason they are ignored for."""

from collector.model.correlation import IgnoredValue, ignored_groups
from collector.model.stitching.keys import Kind


def value(text: str, reason: str, alike: int = 1) -> IgnoredValue:
    """A correlation id that joined nothing."""
    return IgnoredValue(Kind.CORRELATION, text, reason, 3, 0, 0, alike)


def test_what_somebody_should_look_into_stands_first() -> None:
    """Whatever holds most; reasons nobody has heard of stand last."""
    found = ignored_groups(
        [
            value("batch", "ambiguous", 400),
            value("odd", "later-rule"),
            value("tenant-1", "hub"),
            value("undefined", "worthless"),
        ]
    )

    assert [group.reason for group in found] == ["worthless", "hub", "ambiguous", "later-rule"]


def test_a_group_counts_what_is_not_listed_too() -> None:
    """The count is that of the store, the values only those that most hold."""
    [group] = ignored_groups([value("a", "hub", 1200), value("b", "hub", 1200)])

    assert (group.count, len(group.values)) == (1200, 2)
    assert "too many" in group.why
