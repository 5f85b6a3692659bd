"""Cells added up are what the macros say: of any window, at any step, of all and of each."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from collector.model.health import Counts, Quantiles
from collector.model.window import Window
from collector.store.queries.figure_cells import Cut
from collector.store.queries.function_figures import Figures, read_figures
from collector.store.queries.steps import HOUR_NS, before
from tests.health.derived import MINUTE, SECOND, T0_NS, DerivedStore, Row, report, resource, span
from tests.health.test_metrics import attributes

_COUNTS = (
    "invocations, errors, timeouts, out_of_memory, cold_starts, provisioned, restored, warm,"
    " repeats, throttled"
)
_QUANTILES = "duration_p50_ns, duration_p95_ns, duration_p99_ns, init_p50_ns, init_p95_ns"
_FIRST_NS = T0_NS // HOUR_NS * HOUR_NS
# Of all lengths, with ends within a minute, on one, within an hour, on one, and within one minute.
_WINDOWS = [
    Window(_FIRST_NS + 3 * HOUR_NS + offset_ns, _FIRST_NS + 3 * HOUR_NS + offset_ns + width_ns)
    for offset_ns in (0, 17 * SECOND, 7 * MINUTE, 59 * MINUTE + 59 * SECOND)
    for width_ns in (9 * SECOND, MINUTE, 61 * SECOND, 20 * MINUTE, HOUR_NS, 150 * MINUTE + 1)
]


def several(count: int, seed: int) -> Iterator[Row]:
    """Invocations of three functions and two versions over six hours, many of them in minutes."""
    random = Random(seed)
    for number in range(count):
        at_s = (_FIRST_NS - T0_NS) / SECOND + random.choice(
            (random.uniform(0, 6 * 3600), random.uniform(3 * 3600, 3 * 3600 + 120))
        )
        invocation = f"8f5e2c1a-0b6d-4d57-9a37-{seed:02x}{number:010x}"
        function = random.choice(("orders", "orders", "bills", "mails"))
        place = 1 + ("orders", "bills", "mails").index(function) * 2 + random.randrange(2)
        said = {"function": function, "resource_id": place, "invocation_id": invocation}
        if random.random() < 0.1:
            yield throttled(at_s, number + 1, function)
        elif random.random() < 0.2:
            more = f"Init Duration: {random.uniform(80, 900):.2f} ms\t"
            told = random.choice(("", more, "Status: timeout"))
            yield report(
                at_s, random.uniform(1, 9000), told, invocation,
                function=function, resource_id=place,
            )  # fmt: skip
        else:
            yield span(
                at_s, 10 ** random.uniform(-6, 2), span_id=number + 1,
                status_code=random.choice((0, 0, 2)),
                cold_start=random.choice((None, True, False)), **said,
            )  # fmt: skip


def throttled(at_s: float, number: int, function: str) -> Row:
    """A call of a function that was turned away, as its caller tells."""
    return span(
        at_s, kind=3, span_id=number, status_code=2, function="front", invocation_id=None,
        error_type="TooManyRequestsException", attributes=attributes(faas__invoked_name=function),
    )  # fmt: skip


def reports_of(count: int, seed: int) -> Iterator[Row]:
    """Late reports, which take back what was thought of invocations of :func:`several`."""
    for table, row in several(count, seed):
        if table == "spans" and row["invocation_id"] is not None:
            at_s = (row["start_ns"] - T0_NS) / SECOND + 3
            yield report(
                at_s, 2999.5, "", row["invocation_id"],
                function=row["function"], resource_id=row["resource_id"],
            )  # fmt: skip


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DerivedStore]:
    """A store with figures by the hour, by the minute, and changes that are not folded."""
    store = DerivedStore(Path(tmp_path_factory.mktemp("cells")))
    names = ("orders", "orders", "bills", "bills", "mails", "mails")
    store.commit(
        *(
            resource(place + 1, name, version=str(17 + place % 2), instance=f"env-{place}")
            for place, name in enumerate(names)
        )
    )
    store.take(*several(500, 1))
    store.fold()
    store.take(*several(200, 2), *reports_of(300, 1))
    assert store.rows("select min(amount) < 0 from minute_changes where figure < 30") == [(True,)]
    yield store
    store.close()


def read(store: DerivedStore, window: Window, cut: Cut, function: str | None = None) -> Figures:
    return store.database.read(lambda cursor: read_figures(cursor, window, cut, function))


def macro(store: DerivedStore, window: Window, columns: str, more: str) -> list[tuple[object, ...]]:
    return store.rows(
        f"select {columns} from health_by({window.since_ns}, {window.until_ns}, {more})"
        " order by all"
    )


def said(counts: Counts, quantiles: Quantiles | None = None) -> tuple[float | None, ...]:
    told = tuple(getattr(counts, name) for name in Counts.__dataclass_fields__)
    if quantiles is None:
        return told
    return (*told, *(getattr(quantiles, name) for name in Quantiles.__dataclass_fields__))


@pytest.mark.parametrize("window", _WINDOWS)
def test_each_function_and_all_are_what_the_macro_says(
    derived: DerivedStore, window: Window
) -> None:
    """Counts, percentiles and memory of a list's functions, and counts of the window before."""
    found = read(derived, window, Cut(MINUTE, earlier=True))
    told = sorted(
        (name, *said(each.counts, each.quantiles), each.memory_mb, each.used_mb)
        for name, each in found.by_function().items()
    )
    earlier = sorted(
        (name, *said(each.counts)) for name, each in found.by_function_before().items()
    )
    columns = f"function, {_COUNTS}, {_QUANTILES}, memory_mb, used_mb"

    assert told == close(macro(derived, window, columns, "0, true, false, false, null"))
    assert earlier == macro(
        derived, before(window), f"function, {_COUNTS}", "0, true, false, false, null"
    )
    assert [said(found.of_all().counts, found.of_all().quantiles)] == close(
        macro(derived, window, f"{_COUNTS}, {_QUANTILES}", "0, false, false, false, null")
        or [said(Counts(), Quantiles())]
    )


@pytest.mark.parametrize("window", _WINDOWS[1::2])
@pytest.mark.parametrize("step_ns", [7 * MINUTE, 2 * HOUR_NS])
def test_steps_are_what_the_macro_says(derived: DerivedStore, window: Window, step_ns: int) -> None:
    """Of each function, and of one in full with its percentiles and versions."""
    listed = read(derived, window, Cut(step_ns)).function_points()
    one = read(derived, window, Cut(step_ns, earlier=True), "orders")
    points = [(each.time_ns, *said(each.counts, each.quantiles)) for each in one.points()]
    versions = sorted(
        (each.version, *said(each.counts, each.quantiles)) for each in one.versions(9)
    )

    assert sorted((*at, *said(point.counts)) for at, point in listed.items()) == macro(
        derived, window, f"function, time_ns, {_COUNTS}", f"{step_ns}, true, false, false, null"
    )
    assert points == close(
        macro(
            derived, window, f"time_ns, {_COUNTS}, {_QUANTILES}",
            f"{step_ns}, true, false, false, 'orders'",
        )
    )  # fmt: skip
    assert versions == close(
        macro(
            derived, window, f"version, {_COUNTS}, {_QUANTILES}", "0, true, true, false, 'orders'"
        )
    )


@pytest.mark.parametrize("window", _WINDOWS)
@pytest.mark.parametrize("step_ns", [7 * MINUTE, 2 * HOUR_NS])
def test_versions_tell_when_they_were_seen(
    derived: DerivedStore, window: Window, step_ns: int
) -> None:
    """To the minute, whether they are read by the minute or by the hour."""
    one = read(derived, window, Cut(step_ns, earlier=True), "orders")
    told = sorted((each.version, each.first_seen_ns, each.last_seen_ns) for each in one.versions(9))
    minute = f"start_ns // {MINUTE} * {MINUTE}"

    assert told == derived.rows(
        f"select version, min({minute}), max({minute}) from invocations"
        f" where function = 'orders' and start_ns >= {window.since_ns}"
        f" and start_ns < {window.until_ns} and outcome is distinct from 'throttled'"
        " group by version order by version"
    )


def close(rows: list[tuple[object, ...]]) -> list[object]:
    """The same rows, doubles as far as two ways of adding them up agree."""
    return [
        tuple(pytest.approx(each, rel=1e-12) if isinstance(each, float) else each for each in row)
        for row in rows
    ]
