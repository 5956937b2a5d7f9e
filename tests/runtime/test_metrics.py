"""The page that Prometheus reads, by the rules of its text format."""

import re

from runtime.metrics import BUCKETS_S, Family, Sample, Stages, labelled, one, render

LINE = re.compile(r'^[a-z_:][a-z0-9_:]*(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? -?[0-9.e+-]+$')


def values_of(page: str) -> dict[str, float]:
    lines = [line for line in page.splitlines() if not line.startswith("#")]
    assert all(LINE.match(line) for line in lines), page
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_each_family_has_help_and_type_once_before_its_lines() -> None:
    page = render([one("a_total", "counter", "How many.", 3), labelled("b", "gauge", "By kind.", "kind", {"x": 1, "y": 2.5})])
    assert page.splitlines() == [
        "# HELP a_total How many.", "# TYPE a_total counter", "a_total 3",
        "# HELP b By kind.", "# TYPE b gauge", 'b{kind="x"} 1', 'b{kind="y"} 2.5',
    ]  # fmt: skip
    assert page.endswith("\n")


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    page = render([labelled("a", "gauge", 'Back\\slash\nand "quotes".', "kind", {'x"} 1\nb 2': 1, "back\\": 2})])
    assert len(page.splitlines()) == 4
    values_of(page)


def test_what_somebody_sends_in_makes_no_more_than_so_many_series() -> None:
    family = labelled("a", "counter", "Kinds.", "kind", {f"k{number}": number for number in range(1000)})
    assert len(family.samples) == 41
    assert sum(sample.value for sample in family.samples) == sum(range(1000))


def test_buckets_are_cumulative_and_end_at_the_count() -> None:
    stages = Stages()
    for seconds in (0.0, 0.001, 0.0011, 0.4, 31.0, 1e9, -3600.0):
        stages.observe("store", seconds)
    values = values_of(render([stages.family("t_seconds", "Time.")]))
    buckets = [values[f't_seconds_bucket{{stage="store",le="{bound}"}}'] for bound in ("0.001", "0.0025", "0.5", "30", "+Inf")]
    assert buckets == [2, 3, 4, 4, 6]
    assert values['t_seconds_count{stage="store"}'] == 6
    assert values['t_seconds_sum{stage="store"}'] > 1e9
    assert len(values) == len(BUCKETS_S) + 3


def test_a_family_without_samples_is_left_out() -> None:
    assert render([Family("a", "gauge", "None.", ()), Family("b", "gauge", "One.", (Sample(1),))]).startswith("# HELP b")
