"""What is kept of the steps."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inspector.ui.activations.choices import BAD, KEPT, MEAN, STATISTIC_CHOICES, ZEROS, kept_of
from inspector.ui.activations.history import RecentHistory, WholeHistory, columns_for

ALL = np.arange(2)


def filled(history, number, bad=()):
    for step in range(1, number + 1):
        kept = np.full((len(KEPT), 2), float(step), np.float32)
        kept[BAD] = 5 if step in bad else 0
        history.add(step, kept)
    return history


@given(st.integers(1, 40), st.integers(2, 12))
def test_that_the_newest_steps_are_kept_in_order(number, most):
    history = filled(RecentHistory(2, most * 2), number)
    expected = list(range(1, number + 1))[-2 * most :]
    assert history.steps().tolist() == expected
    assert history.values(ALL)[MEAN, 0].tolist() == expected
    assert history.steps(3).tolist() == expected[-3:]


@given(st.integers(1, 200), st.sets(st.integers(1, 200), max_size=5))
def test_that_thinning_keeps_the_newest_step_and_hides_no_nan(number, bad):
    history = filled(WholeHistory(2, 8), number, bad)
    assert history.steps()[-1] == number
    assert len(history) <= 8
    assert np.all(np.diff(history.steps()) > 0)
    assert history.steps()[0] <= history.stride
    assert bool((history.values(ALL)[BAD] > 0).any()) == any(step <= number for step in bad)


def test_that_rows_move_with_their_past():
    for history in (filled(RecentHistory(2, 8), 12), filled(WholeHistory(2, 8), 12)):
        steps = history.steps().tolist()
        history.remap(np.array([1, -1, 0]))
        assert history.steps().tolist() == steps
        values = history.values(np.arange(3))[MEAN]
        assert np.isnan(values[1]).all()
        assert values[0].tolist() == values[2].tolist() == [float(step) for step in steps]
        filled(history, 0)
        history.add(13, np.ones((len(KEPT), 3), np.float32))
        assert history.steps()[-1] == 13


def test_that_a_snapshot_stays_as_it_was():
    history = filled(RecentHistory(2, 8), 3)
    snapshot = history.snapshot()
    filled(history, 10)
    assert snapshot.steps().tolist() == [1, 2, 3]
    assert snapshot.values(ALL)[MEAN, 0].tolist() == [1, 2, 3]


def test_that_very_large_models_keep_fewer_steps():
    assert columns_for(500, 512) == 512
    assert 32 <= columns_for(100_000, 512) < 80


def test_that_statistics_become_shares_and_counts():
    rows = np.array([[1, 2, -3, 2, 1, 2, 5, 20], [np.nan] * 8], np.float64)
    kept = kept_of(rows)
    assert kept[BAD].tolist()[0] == 3
    assert kept[ZEROS].tolist()[0] == 0.25
    assert np.isnan(kept[:, 1]).all()
    texts = {choice.id: choice.text(float(choice.of(kept)[0])) for choice in STATISTIC_CHOICES}
    assert texts == {
        "mean": "1",
        "std": "2",
        "largest": "3",
        "min": "-3",
        "max": "2",
        "zeros": "25.0 %",
        "bad": "3",
    }
