"""The slowest and the newest failed invocations are those of all that the view has."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from collector.model.health import FunctionInvocations
from collector.model.window import Window
from collector.store.queries.invocations import read_function_invocations
from collector.store.queries.steps import HOUR_NS
from tests.health.derived import MINUTE, SECOND, T0_NS, DerivedStore, Row, resource, span, start

_FIRST_NS = T0_NS // HOUR_NS * HOUR_NS
_WINDOWS = [
    Window(_FIRST_NS + since_ns, _FIRST_NS + until_ns)
    for since_ns, until_ns in (
        (-HOUR_NS, 7 * HOUR_NS),
        (17 * SECOND, 6 * HOUR_NS - 9 * SECOND),
        (50 * MINUTE + 1, 2 * HOUR_NS + 10 * MINUTE + 1),
        (3 * HOUR_NS, 3 * HOUR_NS + 20 * SECOND),
        (9 * HOUR_NS, 10 * HOUR_NS),
    )
]


def several(count: int, seed: int) -> Iterator[Row]:
    """Invocations over six hours: many as slow as others, some without end, few that failed."""
    random = Random(seed)
    for number in range(count):
        at_s = (_FIRST_NS - T0_NS) / SECOND + random.uniform(0, 6 * 3600)
        said = {
            "invocation_id": f"8f5e2c1a-0b6d-4d57-9a37-{seed:02x}{number:010x}",
            "function": random.choice(("orders", "orders", "bills")),
        }
        duration_s = random.choice((3.0, 3.0, 10 ** random.uniform(-6, 0.5)))
        if random.random() < 0.1:
            yield start(at_s, said["invocation_id"], function=said["function"])
        else:
            yield span(
                at_s, duration_s, span_id=number + 1, trace_id=(number + 1).to_bytes(16, "big"),
                status_code=random.choice((0,) * 9 + (2,)), **said,
            )  # fmt: skip


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DerivedStore]:
    """A store with figures by the hour and by the minute, and changes that are not folded."""
    store = DerivedStore(Path(tmp_path_factory.mktemp("slowest")))
    store.commit(resource(1))
    store.take(*several(400, 1))
    store.fold()
    store.take(*several(100, 2))
    yield store
    store.close()


def read(store: DerivedStore, window: Window, limit: int) -> FunctionInvocations:
    return store.database.read(
        lambda cursor: read_function_invocations(cursor, "orders", window, limit=limit)
    )


@pytest.mark.parametrize("window", _WINDOWS)
@pytest.mark.parametrize("limit", [1, 7, 90, 1000])
def test_those_of_the_view_in_its_order(derived: DerivedStore, window: Window, limit: int) -> None:
    """Whether there are fewer, more, or many of equal length."""
    found = read(derived, window, limit)
    within = (
        f"select invocation_id, start_ns, outcome from invocations where function = 'orders'"
        f" and start_ns >= {window.since_ns} and start_ns < {window.until_ns}"
    )
    slowest = derived.rows(
        f'{within} order by duration_ns desc nulls last, start_ns desc, "key" limit {limit}'
    )
    failed = derived.rows(f"{within} and outcome = 'error' order by start_ns desc limit {limit}")

    assert [(row.invocation_id, row.start_ns, row.outcome) for row in found.slowest] == slowest
    assert [(row.invocation_id, row.start_ns, row.outcome) for row in found.failed] == failed


def test_what_came_late_is_among_them(tmp_path: Path) -> None:
    """The slowest of an hour that was folded long ago, and of which nothing else is told."""
    store = DerivedStore(tmp_path)
    store.commit(resource(1))
    store.take(*several(50, 3))
    store.fold()
    late = "11111111-0b6d-4d57-9a37-2f4b0d9d6c11"
    store.take(span(1, 900.0, span_id=9000, status_code=2, invocation_id=late))
    found = read(store, _WINDOWS[0], 1)
    store.close()

    assert [row.invocation_id for row in found.slowest] == [late]
