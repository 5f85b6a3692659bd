"""How many invocations go on at a time."""

import numpy as np

from collector.model.overlaps import most_at_a_time


def test_the_most_at_a_time_is_of_each_function() -> None:
    """Two of a overlap and a third begins as the first ends; of b none does; c was in no time."""
    rows = [("a", 0, 10), ("b", 0, 3), ("a", 5, 20), ("b", 4, 9), ("a", 10, 12), ("c", 7, 7)]
    names, starts, ends = zip(*rows, strict=True)
    columns = {"function": list(names), "start_ns": np.array(starts), "end_ns": np.array(ends)}

    assert most_at_a_time(columns) == {"a": 3, "b": 1, "c": 1}


def test_of_no_invocation_nothing_is_known() -> None:
    """No function, no figure."""
    none = np.array([], np.int64)

    assert most_at_a_time({"function": [], "start_ns": none, "end_ns": none}) == {}
