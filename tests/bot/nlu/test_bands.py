"""Accept, clarify, reject."""

from dataclasses import replace

import numpy as np
import pytest

from bot.nlu.bands import Affinity, Limits, Orders, Scored, decide, set_limits, shares, weight_outside
from bot.nlu.names import ACCEPT, CLARIFY

LIMITS = Limits(least_affinity=0.0, accept_from=0.8, candidate_from=0.25, in_scope_served=0.95, accepted_right=0.94)


@pytest.mark.parametrize(
    ("confidences", "affinity", "decision", "offered"),
    [
        ((0.9, 0.05, 0.01), 1.0, "accept", 0),
        ((0.8, 0.1, 0.1), 0.0, "accept", 0),
        ((0.79, 0.1, 0.05), 1.0, "clarify", 2),
        ((0.4, 0.3, 0.27), 1.0, "clarify", 3),
        ((0.2, 0.15, 0.14), 1.0, "clarify", 3),  # the set is of what is ours: unlikely to be ours leaves it as it is
        ((0.99, 0.0, 0.0), -0.1, "reject", 0),
    ],
)
def test_decides(confidences: tuple, affinity: float, decision: str, offered: int) -> None:
    ranked = decide(list(zip(("a", "b", "c"), confidences, strict=True)), affinity, LIMITS)
    assert ranked.decision == decision
    assert [intent for intent, _ in ranked.candidates()] == list("abc"[:offered])


def test_nothing_to_rank_is_rejected() -> None:
    assert decide([], 5.0, LIMITS).decision == "reject"


def test_limits_keep_what_was_asked_for() -> None:
    chance = np.random.default_rng(1)
    confidence = chance.uniform(0, 1, 2000)
    inside = Scored(chance.normal(1, 1, 2000), confidence, chance.uniform(0, 1, 2000) < confidence, np.zeros(2000, dtype=int))
    outside = Scored(chance.normal(-2, 1, 300), chance.uniform(0, 0.5, 300), np.zeros(300, dtype=bool), np.zeros(300, dtype=int))
    limits = set_limits(0.95, 0.9, inside, outside, confidence)
    table = shares(limits, inside)
    assert table["reject"] == pytest.approx(0.05, abs=0.01)
    accepted = (inside.affinity >= limits.least_affinity) & (inside.confidence >= limits.accept_from)
    assert inside.correct[accepted].mean() >= 0.89
    assert shares(limits, outside)["reject"] > 0.7
    assert set_limits(0.95, 0.97, inside, outside, confidence).accept_from >= limits.accept_from


def test_limits_without_out_of_scope_messages() -> None:
    nobody = Scored(np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool), np.zeros(0, dtype=int))
    inside = Scored(np.arange(100.0), np.full(100, 0.7), np.ones(100, dtype=bool), np.zeros(100, dtype=int))
    limits = set_limits(0.95, 0.9, inside, nobody, np.linspace(0.01, 1.0, 100))
    assert limits.accept_from == pytest.approx(0.7)
    assert limits.candidate_from == pytest.approx(0.05)  # 95 of 100 own intents are this probable or more
    assert shares(limits, nobody) == {}
    assert weight_outside(100, 0) == 0.0
    assert weight_outside(90, 20) == pytest.approx(0.5)  # twenty of them make one tenth of all


def test_affinity_is_a_probability_only_where_it_was_fitted() -> None:
    fitted = Affinity((2.0, 1.0), -1.2, estimated=True)
    assert fitted.score(np.array([[0.5, 0.2], [0.0, 0.0]])) == pytest.approx([0.0, -1.2])
    assert fitted.is_ours(np.array([0.0, -1e9, 1e9])) == pytest.approx([0.5, 0.0, 1.0])
    assert list(Affinity((1.0, 1.0), 0.0, estimated=False).is_ours(np.array([-5.0]))) == [1.0]


def test_an_order_is_acted_on_from_its_own_limit() -> None:
    limits = replace(LIMITS, orders=("recharge",), order_from=0.95)
    assert decide([("recharge", 0.9), ("query_balance", 0.05)], 1.0, limits).decision == CLARIFY
    assert decide([("recharge", 0.96), ("query_balance", 0.02)], 1.0, limits).decision == ACCEPT
    assert decide([("query_balance", 0.9), ("recharge", 0.05)], 1.0, limits).decision == ACCEPT
    assert Limits(**limits.as_dict()) == limits


def test_the_limit_of_orders_is_where_so_many_of_them_are_right() -> None:
    chance = np.random.default_rng(2)
    confidence = chance.uniform(0, 1, 4000)
    best = chance.integers(0, 4, 4000)
    # what is read as intent 3 is wrong more often than it says
    right = chance.uniform(0, 1, 4000) < np.where(best == 3, confidence**2, np.sqrt(confidence))
    inside = Scored(np.full(4000, 1.0), confidence, right, best)
    outside = Scored(np.full(100, -1.0), np.full(100, 0.1), np.zeros(100, dtype=bool), np.full(100, 3))
    limits = set_limits(0.95, 0.9, inside, outside, confidence, Orders(("recharge",), (3,), 0.85))
    assert limits.orders == ("recharge",)
    assert limits.order_from > limits.accept_from
    acted = (best == 3) & (confidence >= limits.order_from)
    assert acted.sum() > 20
    assert right[acted].mean() >= 0.85
    without = set_limits(0.95, 0.9, inside, outside, confidence)
    assert (without.orders, without.order_from, without.accept_from) == ((), 0.0, limits.accept_from)
