"""Simple event traces, read in columns, are what the pure core makes of them."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.derive.facts import T0_NS
from tests.derive.stitched import Record, StitchedStore
from tests.derive.test_stitcher import span

_FUNCTIONS = ("api", "worker", "mailer")


def chain(random: Random, first: int) -> list[Record]:
    """A few traces that follow each other over queues; now and then something is unusual."""
    found: list[Record] = []
    value = f"ord-{random.randint(1, 9)}-{first}"
    sent = None
    at_s = random.random()
    for trace in range(first, first + random.randint(1, 4)):
        taken, function = sent, random.choice(_FUNCTIONS)
        said: dict[str, Any] = {"function": function, "invocation_id": _id(random)}
        if random.random() < 0.6:
            said["correlation_id"] = value if random.random() < 0.9 else f"ord-{first + 1}"
        if taken:
            said |= {"kind": 5, "message_id": taken, "destination": f"q{random.randint(1, 2)}"}
        else:
            said |= {"trigger": random.choice(("http", None))}
        if random.random() < 0.05:
            said["status_code"] = 2
        if random.random() < 0.1:
            said["duration_ns"] = None
        found.append(span(trace, at_s, **said))
        sent = _id(random)
        other = random.choice((function, random.choice(_FUNCTIONS)))
        last = span(trace, at_s + 0.05, 2, kind=4, parent_span_id=1, function=other,
                    message_id=sent, destination=f"q{random.randint(1, 2)}")  # fmt: skip
        found.append(last)
        at_s += random.choice((0.2, 0.02))
    return found


def batch(random: Random, first: int) -> list[Record]:
    """Messages of a few requests, or all of one, taken by one invocation, most passed on."""
    found: list[Record] = []
    size, at_s = random.randint(2, 4), random.random()
    one = random.random() < 0.2
    sent = [_id(random) for _ in range(size)]
    for number, message in enumerate(sent):
        request = first + (0 if one else number)
        said = {"kind": 4, "parent_span_id": 1, "message_id": message, "destination": "q1"}
        if not one or not number:
            found.append(span(request, at_s, function="api", invocation_id=_id(random)))
        found.append(span(request, at_s + 0.01, 2 + number, function="api", **said))
    trace = first + size
    whole: dict[str, Any] = {"function": "worker", "invocation_id": _id(random)}
    if random.random() < 0.1:
        whole["correlation_id"] = f"ord-{random.randint(1, 9)}"
    found.append(span(trace, at_s + 0.1, **whole))
    for number, message in enumerate(sent):
        taken: dict[str, Any] = {"message_id": message, "destination": "q1", "parent_span_id": 1}
        if random.random() < 0.5:
            taken["correlation_id"] = f"ord-{first}-{number if random.random() < 0.9 else 0}"
        if random.random() < 0.05:
            taken["status_code"] = 2
        at = at_s + 0.11 + number / 100
        found.append(span(trace, at, 2 * number + 2, kind=5, function="worker", **taken))
        if random.random() < 0.8:
            said = {"message_id": _id(random), "destination": "q2"}
            found.append(span(trace, at + 0.001, 2 * number + 3, kind=4, function="worker",
                              parent_span_id=2 * number + 2, **said))  # fmt: skip
            if random.random() < 0.8:
                found.append(span(trace + number + 1, at + 0.1, kind=5, function="mailer",
                                  invocation_id=_id(random), **said))  # fmt: skip
    return found


def _id(random: Random) -> str:
    return f"{random.getrandbits(64):016x}-{random.getrandbits(32):08x}"


def rows(directory: Path, records: list[Record]) -> list[list[tuple[Any, ...]]]:
    """The derived tables after each of four commits was stitched."""
    store = StitchedStore(directory)
    for part in range(4):
        store.commit(records[part::4])
        store.stitch()
    found = [
        store.rows(f"from {table} order by all")
        for table in ("event_traces", "fragments", "fragment_keys", "ignored_keys")
    ]
    store.close()
    return found


@pytest.mark.parametrize("seed", range(6))
def test_both_ways_write_the_same_rows(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row of every derived table, with and without the short cut."""
    random = Random(seed)
    records = [
        each
        for first in range(0, 600, 10)
        for each in random.choice((chain, batch))(random, first + 1)
    ]
    random.shuffle(records)
    short = rows(tmp_path / "short", records)
    monkeypatch.setattr("collector.derive.deciding.find_simple", lambda *_: None)
    long = rows(tmp_path / "long", records)

    assert max(row[3] for row in short[0]) > T0_NS
    assert short == long
