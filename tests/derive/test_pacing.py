"""Stitching is soon, and gives way to taking telemetry."""

import pytest

from collector.derive.load import WINDOW_S, Load
from collector.derive.pacing import MAX_RECORDS, Pace


def watched(shares: list[float], waiting_rows: int = 0) -> Pace:
    """A pace that saw who takes telemetry rest for these shares of some windows."""
    pace = Pace(Load())
    now_s = rested_s = 0.0
    pace.load.look(now_s, rested_s=rested_s, waiting_rows=waiting_rows)
    for share in shares:
        now_s += WINDOW_S
        rested_s += share * WINDOW_S
        pace.load.look(now_s, rested_s=rested_s, waiting_rows=waiting_rows)
    return pace


def test_runs_are_short_and_far_apart_at_full_load() -> None:
    """Who takes telemetry hardly rests: a run of a tenth, then eight times as long none."""
    pace = watched([0.5, 0.05])
    pace.took(0.4, more=True)

    assert pace.records < MAX_RECORDS / 10
    assert pace.pause_s(asked=True) == pytest.approx(3.2)


def test_rows_that_wait_to_be_stored_go_first() -> None:
    """Rest alone says nothing when senders wait for the database."""
    assert watched([1.0], waiting_rows=50_000).load.pressed
    assert not watched([1.0], waiting_rows=15_000).load.pressed


def test_load_is_judged_between_runs() -> None:
    """Beside a run who takes telemetry rests little at any load; it has rested before, too."""
    load = Load()
    load.look(0.0, rested_s=0.0, waiting_rows=0)
    load.ran(10 * WINDOW_S)
    load.look(10 * WINDOW_S, rested_s=0.0, waiting_rows=0)
    assert not load.pressed
    load.look(11 * WINDOW_S, rested_s=0.5 * WINDOW_S, waiting_rows=0)
    assert not load.pressed

    load.look(12 * WINDOW_S, rested_s=0.5 * WINDOW_S, waiting_rows=0)
    assert load.pressed


@pytest.mark.parametrize("asked", [True, False])
def test_who_never_rests_makes_a_pause_to_be_judged(asked: bool) -> None:
    """Pages that always ask, or a backlog, would else hide that senders wait."""
    pace = watched([0.5])
    pace.took(1.5, more=True)
    pace.load.ran(1.5)
    assert pace.pause_s(asked=asked) < 0.05
    pace.load.ran(1.5)
    assert WINDOW_S < pace.pause_s(asked=asked) < 1

    pace.load.look(3.0, rested_s=1.0, waiting_rows=0)
    pace.load.look(3.0 + WINDOW_S, rested_s=1.0 + WINDOW_S, waiting_rows=0)
    assert pace.pause_s(asked=asked) < 0.05


@pytest.mark.parametrize("shares", [[0.95], []])
def test_what_comes_after_idleness_is_judged_after_the_first_run(shares: list[float]) -> None:
    """Nothing is known of the load after idleness, or at the start; short runs are no flood."""
    pace = watched(shares)
    pace.took(0.2, more=False)
    pace.load.ran(0.2)
    assert not pace.load.unjudged
    pace.took(0.4, more=True)
    pace.load.ran(0.4)

    assert pace.pause_s(asked=False) > WINDOW_S


def test_a_run_that_lasted_is_soon_followed() -> None:
    """Runs begin at a beat: what a checkpoint held up is not held up longer."""
    pace = watched([0.9])
    pace.took(0.3, more=False)
    assert pace.pause_s(asked=False) == pytest.approx(0.1)
    pace.took(1.5, more=False)
    assert pace.pause_s(asked=False) == pytest.approx(0.05)


def test_one_calm_moment_is_no_end_of_the_load() -> None:
    """Three windows have to be calm."""
    assert watched([0.05, 0.9, 0.9]).load.pressed
    assert not watched([0.05, 0.9, 0.9, 0.9]).load.pressed


def test_what_a_checkpoint_leaves_is_no_load() -> None:
    """Rows pile up while nothing can be stored: no window begins until they had time to go."""
    pace = watched([0.9])
    load = pace.load
    load.look_away()
    load.look(10.0, rested_s=0.0, waiting_rows=60_000)
    assert not load.pressed

    load.look(10.0 + WINDOW_S, rested_s=0.0, waiting_rows=60_000)
    assert load.pressed
    load.look_away()
    assert load.pressed


def test_senders_that_are_held_up_are_load_whenever_it_is_seen() -> None:
    """So many rows waited at some time since: no window is needed, a run may have gone on."""
    load = Load()
    load.saw_waiting(28_000)
    assert not load.pressed

    load.saw_waiting(60_000)
    assert load.pressed


def test_what_is_left_is_stitched_at_once() -> None:
    """Without load runs follow each other until all is stitched, then a few come a second."""
    pace = watched([0.9])
    pace.took(0.5, more=True)
    assert pace.pause_s(asked=False) == 0
    pace.took(0.3, more=False)

    assert 0.05 < pace.pause_s(asked=False) < 1
    assert pace.pause_s(asked=True) < 0.05


def test_small_runs_leave_most_of_the_time_to_others() -> None:
    """A trickle of telemetry costs a fifth of the time at most, and a second of delay."""
    pace = Pace(Load())
    pace.took(0.2, more=False)

    assert pace.pause_s(asked=False) == pytest.approx(0.8)
    assert pace.pause_s(asked=True) < 0.05


def test_a_pause_has_an_end() -> None:
    """However slow runs are under load, the next comes within seconds."""
    pace = watched([0.0])
    pace.took(60, more=True)

    assert pace.pause_s(asked=False) <= 5


def test_runs_that_fail_or_last_get_smaller_and_grow_again() -> None:
    """What is too much for memory or time is tried with less."""
    pace = Pace(Load())
    pace.failed()
    smaller = pace.records
    pace.took(10, more=True)
    assert pace.records < smaller < MAX_RECORDS
    for _ in range(20):
        pace.took(0.01, more=True)

    assert pace.records == MAX_RECORDS


def test_who_is_behind_does_not_take_smaller_steps() -> None:
    """A run on a busy machine lasts, and what it costs beside its records is paid less often."""
    pace = Pace(Load())
    pace.took(2, more=True)
    assert pace.records == MAX_RECORDS

    pace.took(2, more=False)
    assert pace.records < MAX_RECORDS
    pace.took(2, more=True)
    assert pace.records == MAX_RECORDS
