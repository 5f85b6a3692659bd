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


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_write_the_same_rows(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row of every derived table, with and without the short cut."""
    random = Random(seed)
    records = [each for first in range(0, 300, 5) for each in chain(random, first + 1)]
    random.shuffle(records)
    short = rows(tmp_path / "short", records)
    monkeypatch.setattr("collector.derive.deciding.find_simple", lambda *_: None)
    long = rows(tmp_path / "long", records)

    assert max(row[3] for row in short[0]) > T0_NS
    assert short == long
