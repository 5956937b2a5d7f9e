"""Figures against what is worked out by hand."""

import numpy as np
import pytest

from bench.nlu import measure
from bench.nlu.peers import Parrot, Reading
from bench.nlu.sets import Clinc

TRAINING = [(f"{intent}{number}", intent) for intent in "abcdefghijkl" for number in range(3)]


def readings(*best: "tuple[str, float]") -> "list[Reading]":
    return [Reading((one,), one[1]) for one in best]


def test_accuracy_and_macro_f1() -> None:
    said = [("1", "a"), ("2", "a"), ("3", "a"), ("4", "b")]
    found = measure.accuracy(readings(("a", 1.0), ("a", 1.0), ("b", 1.0), ("b", 1.0)), said)
    # a: precision 1, recall 2/3; b: precision 1/2, recall 1
    assert found == {"accuracy": 0.75, "macro_f1": round((0.8 + 2 / 3) / 2, 4), "ece": 0.25}


def test_an_intent_that_only_the_reader_names_lowers_no_average_of_its_own() -> None:
    assert measure.accuracy(readings(("a", 1.0), ("z", 1.0)), [("1", "a"), ("2", "b")])["macro_f1"] == 0.5


def test_nothing_read_is_wrong_and_not_sure() -> None:
    assert measure.accuracy([Reading((), 0.0)], [("1", "a")]) == {"accuracy": 0.0, "macro_f1": 0.0, "ece": 0.0}


def test_calibration_error_weighs_each_tenth_by_its_number() -> None:
    right, sure = np.array([True, False, True, True]), np.array([0.95, 0.95, 0.55, 1.0])
    # the last tenth: .05 - .95 + 0; the sixth: .45
    assert measure.calibration_error(right, sure) == pytest.approx((0.9 + 0.45) / 4)


def test_errors_in_both_directions_cancel_within_a_tenth_only() -> None:
    right = np.array([True, False])
    assert measure.calibration_error(right, np.array([0.5, 0.5])) == pytest.approx(0.0)
    assert measure.calibration_error(right, np.array([0.5, 0.35])) == pytest.approx((0.5 + 0.35) / 2)


def test_separation() -> None:
    # 4 of 6 pairs are in order; 95 % of ours lie at 1.1 and above, as one of the two others does
    assert measure.separation(np.array([3.0, 2.0, 1.0]), np.array([2.5, 0.0])) == {"auroc": 0.6667, "fpr_at_95": 0.5}
    assert measure.separation(np.array([1.0, 1.0]), np.array([1.0])) == {"auroc": 0.5, "fpr_at_95": 1.0}
    assert measure.separation(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == {"auroc": 1.0, "fpr_at_95": 0.0}


def test_the_limit_ends_most_messages_well() -> None:
    inside, right, outside = np.array([0.9, 0.8, 0.3]), np.array([True, True, False]), np.array([0.5, 0.2])
    limit = measure.best_limit(inside, right, outside)
    assert limit == 0.8
    assert measure.served(inside, right, outside, limit) == {"in_scope_accuracy": 0.6667, "out_of_scope_recall": 1.0}
    assert measure.served(inside, right, outside, 0.3) == {"in_scope_accuracy": 0.6667, "out_of_scope_recall": 0.5}


def test_acted_on() -> None:
    read = [Reading((("a", 0.9),), 1.0, True), Reading((("a", 0.9),), 1.0, True), Reading((("b", 0.2),), 0.0, False)]
    assert measure.acted(read, [("1", "a"), ("2", "b"), ("3", "b")]) == {"share": 0.6667, "right": 0.5}
    assert measure.acted(read[2:], [("3", "b")]) == {"share": 0.0, "right": 0.0}


def test_percentiles() -> None:
    assert measure.percentiles([float(value) for value in range(101)]) == {"p50": 50.0, "p99": 99.0, "max": 100.0}


def test_held_out_classes_are_never_trained_on() -> None:
    peer = Parrot()
    found = measure.out_of_scope(peer, TRAINING, TRAINING, ["far"], draws=3)
    kept = [{intent for _, intent in pairs} for pairs in peer.taught]
    assert [len(one) for one in kept] == [12 - measure.HELD_OUT_CLASSES] * 3
    assert len({frozenset(one) for one in kept}) == 3, "another draw each time"
    assert all(pairs == [pair for pair in TRAINING if pair[1] in one] for pairs, one in zip(peer.taught, kept)), "the rest is whole"
    # a parrot knows what it was taught, and nothing of the classes held out: one message of them inside would spoil this
    assert found["near"] == {"auroc": 1.0, "fpr_at_95": 0.0, "acted": 0.0}
    assert len(found["draws"]) == 3


def test_a_draw_is_the_same_for_every_peer_and_however_many_are_made() -> None:
    one, other = Parrot(), Parrot()
    measure.out_of_scope(one, TRAINING, TRAINING, ["far"], draws=1)
    measure.out_of_scope(other, list(TRAINING), TRAINING, ["far"], draws=2)
    assert one.taught[0] == other.taught[0]


def test_a_mean_over_draws() -> None:
    draws = [{which: {"auroc": value, "fpr_at_95": 0.5, "acted": value} for which in ("near", "far")} for value in (0.2, 0.4)]
    assert measure.mean_over(draws)["near"] == {"auroc": 0.3, "fpr_at_95": 0.5, "acted": 0.3}
    assert measure.mean_over(draws[:1])["far"]["auroc"] == 0.2


def test_clinc_trains_on_its_training_part_and_takes_the_limit_from_validation() -> None:
    train = [("one", "a"), ("two", "b"), ("three", "a")]
    parts = Clinc(train, [("one", "a"), ("two", "b")], [("one", "a"), ("two", "b"), ("new", "a")], ["none of it"], ["nor this", "three"])
    peer = Parrot()
    found = measure.clinc150(peer, parts)
    assert peer.taught == [train]
    # by the test part itself, a limit that lets everything in would have ended as many well
    assert (found["in_scope_accuracy"], found["out_of_scope_recall"]) == (0.6667, 0.5)
    assert found["accuracy_without_threshold"] == 1.0


def test_smp2017_measures_the_latency_of_the_clean_test_set() -> None:
    found = measure.smp2017(Parrot(), [("查余额", "balance"), ("查账单", "bill"), ("账单呢", "bill")], [("查余额", "balance")])
    assert found["test"]["accuracy"] == 1.0
    assert found["traditional"]["accuracy"] == 0.0, "a parrot does not know the traditional script"
    assert found["cpu_ms"] == {"p50": 1.0, "p99": 1.0, "max": 1.0}
    assert found["wall_ms"]["max"] == 2.0
