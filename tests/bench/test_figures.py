"""Figures of the callbacks' bench, worked out by hand."""

import pytest

from bench.callback.figures import Run, figures_of, growth, percentile, ratio_of


def run(callbacks: int, seconds: float, refused: int = 0) -> Run:
    return Run(callbacks, seconds, tuple(float(number) for number in range(1, 101)), 2.0, 1.0, 0.5, refused)


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.0
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.99) == 4.0


def test_figures_are_medians_of_the_runs() -> None:
    figures = figures_of([run(1000, 2.0), run(1000, 4.0), run(1000, 5.0)])
    assert figures.rate == 250.0
    assert (figures.p50_ms, figures.p99_ms) == (50.0, 99.0)
    assert (figures.server_ms, figures.database_ms, figures.busy) == (2.0, 1.0, 0.5)


def test_a_run_that_was_refused_says_nothing() -> None:
    with pytest.raises(ValueError, match="3 callbacks"):
        figures_of([run(1000, 2.0, refused=3)])


def test_the_ratio_compares_within_a_round() -> None:
    assert ratio_of([run(100, 1.0), run(100, 2.0), run(100, 4.0)], [run(200, 1.0), run(100, 1.0), run(100, 1.0)]) == 0.5


def test_growth_is_the_last_reading_over_the_first() -> None:
    assert growth([100.0, 130.0, 104.0]) == 1.04
