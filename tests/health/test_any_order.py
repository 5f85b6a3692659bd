"""The same telemetry gives the same invocations and figures, however it arrives."""

from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.health.derived import DerivedStore, Row, line, report, resource, span, start
from tests.health.test_metrics import attributes

_STREAMS = [f"2026/11/20/[17]{number:032x}" for number in range(3)]
_BACK = "batchItemFailures: [{itemIdentifier: 'm-"
_PROCESSES = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(3)]


def telemetry(random: Random) -> list[Row]:
    """Some invocations with retries, each told of by a random part of the usual sources."""
    rows: list[Row] = []
    at_s = 0.0
    for number in range(random.randint(1, 5)):
        request = f"8f5e2c1a-0b6d-4d57-9a37-{number:012x}"
        for attempt in range(random.choice((1, 1, 2, 3))):
            at_s += random.choice((2, 61))
            rows += _attempt(random, request, at_s, number * 10 + attempt)
    if random.random() < 0.5:
        rows.append(line("INIT_START Runtime Version: python:3.13.v61", 0.1, resource_id=1))
    if random.random() < 0.3:
        rows.append(span(0.2, 0.5, invocation_id=None, kind=1, name="init orders",
                         cold_start=True, span_id=500, resource_id=11))  # fmt: skip
    return rows


def _attempt(random: Random, request: str, at_s: float, number: int) -> list[Row]:
    place = random.randint(0, 2)
    stream, process = place + 1, random.choice((place + 1, place + 11))
    ms = random.choice((40, 700))
    end_s = at_s + ms / 1000
    status = random.choice(("", "", "Status: error\tError Type: X", "Status: timeout"))
    told = [
        start(at_s, request, resource_id=process),
        line(f"END RequestId: {request}", end_s, resource_id=process),
        report(end_s + random.choice((0.0, 0.01)), ms, status, request, resource_id=process),
        span(at_s + 0.002, (ms - 4) / 1000, invocation_id=request, resource_id=stream,
             span_id=number * 2 + 1, trace_id=(number + 1).to_bytes(16, "big"),
             cold_start=random.choice((None, None, True, False)), trigger="http"),
    ]  # fmt: skip
    if random.random() < 0.3:
        told.append(told[2])
    for _ in range(random.choice((0, 0, 1, 3))):
        said = random.choice(('"cold_start":true', '"cold_start": false', f"{_BACK}{number}'}}]"))
        told.append(
            line(f"{{{said}}}", at_s + 0.01 + random.random() * 0.02, invocation_id=request,
                 resource_id=random.choice((process, None)))
        )  # fmt: skip
    if random.random() < 0.1:
        told.append(
            span(at_s, kind=3, status_code=2, span_id=900 + number, invocation_id=None,
                 error_type="TooManyRequestsException",
                 attributes=attributes(faas__invoked_name="orders"))
        )  # fmt: skip
    return [each for each in told if random.random() < 0.75] or told


def begun(directory: Path) -> DerivedStore:
    """A store that knows the environments."""
    store = DerivedStore(directory)
    store.commit(
        *(resource(number + 1, instance=name) for number, name in enumerate(_STREAMS)),
        *(resource(number + 11, instance=name) for number, name in enumerate(_PROCESSES)),
    )
    return store


def at_once(directory: Path, rows: list[Row]) -> DerivedStore:
    """A store that got everything in one commit."""
    store = begun(directory)
    store.take(*rows)
    return store


def piecemeal(directory: Path, rows: list[Row], random: Random) -> DerivedStore:
    """A store that got it shuffled, some of it twice, in many commits and between restarts."""
    store = begun(directory)
    rest = rows + [each for each in rows if random.random() < 0.2]
    random.shuffle(rest)
    while rest:
        size = random.choice((1, 2, 5))
        store.commit(*rest[:size])
        rest = rest[size:]
        if random.random() < 0.6:
            store.derive()
        if random.random() < 0.2:
            store.restart()
        if random.random() < 0.2:
            store.fold()
    store.derive()
    return store


_settings = partial(
    settings,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_telemetry = given(seed=st.integers(0, 2**32))


@_settings(max_examples=6)
@_telemetry
def test_order_repetition_batching_and_restarts_do_not_matter(seed: int) -> None:
    """Shuffled, repeated, in pieces and with restarts: the same rows, environments and figures."""
    assert_the_same(seed)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@_settings(max_examples=100)
@_telemetry
def test_they_never_matter(seed: int) -> None:
    """The same, in a long sweep."""
    assert_the_same(seed)


def assert_the_same(seed: int) -> None:
    """A store that got it at once and one that got it piecemeal hold the same."""
    rows = telemetry(Random(seed))
    with TemporaryDirectory() as directory:
        once = at_once(Path(directory) / "once", rows)
        pieces = piecemeal(Path(directory) / "pieces", rows, Random(seed + 1))
        try:
            for table in ("invocation_rows", "environments"):
                question = f"select * exclude (run) from {table} order by all"
                assert pieces.rows(question) == once.rows(question)
            assert pieces.figures() == once.figures() == once.figures_anew()
        finally:
            once.close()
            pieces.close()
