"""Evidence, judges, clauses: from what is seen of a message to what is done."""

import jieba
import numpy as np
import pytest

from bot.nlu import learning
from bot.nlu.bands import Affinity, Limits
from bot.nlu.calibration import EARLY_RIGHT, Unseen, calibrate, early_judge
from bot.nlu.clauses import MOST, clauses_of
from bot.nlu.features import views
from bot.nlu.fitting import observe
from bot.nlu.homeliness import learn_homeliness, single_words
from bot.nlu.judging import EVIDENCE, OF_STRINGS, SEEN, SIGNALS, Judge, Observed, joined
from bot.nlu.learning import Held, Recipe, learn
from bot.nlu.products import NO_PRODUCTS
from bot.nlu.spread import learn_spread
from tests.bot.nlu.conftest import MESSAGES, OUTSIDE
from tests.bot.nlu.test_meaning import LengthEncoder

LIMITS = Limits(least_affinity=-100.0, accept_from=0.8, candidate_from=0.2, in_scope_served=0.95, accepted_right=0.94)
SURE = Affinity((0.0,) * len(SIGNALS), 100.0, estimated=True)


def observed(*rows: tuple) -> Observed:
    """What the separators of three intents say of the strings, a row for each message or clause."""
    evidence = np.zeros((len(rows), 3, len(EVIDENCE)), dtype=np.float32)
    evidence[:, :, 0] = rows
    return Observed(evidence, np.zeros((len(rows), len(SEEN))))


def test_evidence_is_weighed_and_summed() -> None:
    judge = Judge((1.0, 0.0, 0.0, 0.0, 0.0), SURE, LIMITS)
    ranked = judge.judge("abc", observed((0.0, 3.0, 0.0)))
    assert ranked.ranking[0][0] == "b"
    assert ranked.ranking[0][1] == pytest.approx(np.exp(3) / (np.exp(3) + 2), abs=1e-4)
    assert Judge((2.0, 0.0, 0.0, 0.0, 0.0), SURE, LIMITS).judge("abc", observed((0.0, 3.0, 0.0))).ranking[0][1] > ranked.ranking[0][1]


def test_a_clause_that_is_sure_decides_what_the_whole_leaves_open() -> None:
    judge = Judge((1.0, 0.0, 0.0, 0.0, 0.0), SURE, LIMITS)
    whole = (1.0, 1.1, 0.0)
    assert judge.judge("abc", observed(whole)).ranking[0][0] == "b"
    assert judge.judge("abc", observed(whole, (0.0, 0.0, 0.0), (9.0, 0.0, 0.0))).ranking[0][0] == "a"
    assert sum(likely for _, likely in judge.judge("abc", observed(whole, (0.0, 0.0, 0.0), (9.0, 0.0, 0.0))).ranking) == pytest.approx(1.0)
    assert judge.judge("abc", observed((0.0, 9.0, 0.0), (9.0, 0.0, 0.0))).ranking[0][0] == "b"  # not against a whole that is sure


def test_a_judge_reads_back() -> None:
    judge = Judge((1.0, 2.0, 0.0, 0.0, 0.5), SURE, LIMITS)
    assert Judge.from_dict(judge.as_dict()) == judge


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("查话费", []),
        ("一个没有停顿的但是很长很长很长很长的句子", []),
        ("我妈今天来店里玩,手机没钱了打不出去,帮我查查话费", ["我妈今天来店里玩", "手机没钱了打不出去", "帮我查查话费"]),
        ("一句话,二句话,三句话,四句话,五句话,六句话", ["四句话", "五句话", "六句话"]),
    ],
)
def test_clauses(text: str, clauses: list) -> None:
    assert clauses_of(text) == clauses
    assert len(clauses) <= MOST


def test_words_that_are_said_here_are_at_home(segmenter: jieba.Tokenizer) -> None:
    known = learn_homeliness([["流量", "还", "剩"], ["流量", "多少"]] * 500)
    assert known.of(["流量"], segmenter) > known.of(["多少"], segmenter) > known.of(["葡萄"], segmenter)
    assert known.of([], segmenter) == 0.0
    assert single_words(["流量 ", "流量 多少 ", "多少 "]) == ["流量", "多少"]


def test_spread_knows_its_centres_and_what_is_far() -> None:
    chance = np.random.default_rng(1)
    rows = np.concatenate([chance.normal(0.0, 0.1, (50, 4)) + centre for centre in np.eye(4)[:2]]).astype(np.float32)
    spread = learn_spread(rows, np.repeat([0, 1], 50), 2)
    away, whole = spread.distances(np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 9, 9]], dtype=np.float32))
    assert away[0].argmin() == 0
    assert away[1].argmin() == 1
    assert away[2].min() > 5 * away[0].min()
    assert whole[2] > whole[0]


def test_serving_observes_what_training_observed(segmenter: jieba.Tokenizer) -> None:
    """The judge is fitted on what `fitting.observe` gives; `Classes` must give a message the same numbers."""
    encoder, recipe = LengthEncoder(), Recipe()
    held = Held([("余额查一下还剩多少钱", "query_balance"), ("我要真人", "request_human")], ["葡萄怎么卖"])
    learnt = learn(MESSAGES, OUTSIDE, recipe, segmenter, lambda: encoder, held)
    material, rows, _ = learning._material(MESSAGES, OUTSIDE, held, learnt.intents, recipe, segmenter, lambda: encoder, NO_PRODUCTS)
    fitted = learning.fit(material, np.concatenate([rows.written, rows.heard, rows.outside]), recipe.strengths())
    trained = observe(material, fitted, np.concatenate([rows.held, rows.held_outside]), recipe.strengths())
    texts = [text for text, _ in held.messages] + list(held.outside)
    served = []
    for text in texts:
        bags = views(text, segmenter)
        by_strings = learnt.observe(learnt.vocabulary.vector(bags), learnt.homeliness.of(single_words(bags[1]), segmenter))
        served.append(learnt.add_meaning(by_strings, encoder.encode([text])))
    together = joined(served)
    assert together.evidence == pytest.approx(trained.evidence, abs=1e-4)
    assert together.seen == pytest.approx(trained.seen, abs=1e-4)


def unseen(outside: int) -> Unseen:
    """Two intents told apart by their strings, a tenth of the messages by their meaning only."""
    chance = np.random.default_rng(3)
    labels = chance.integers(0, 2, 400)
    evidence = np.zeros((400, 2, len(EVIDENCE)), dtype=np.float32)
    told = chance.uniform(size=400) > 0.1
    evidence[np.arange(400)[told], labels[told], 0] = 2.0
    evidence[np.arange(400), labels, 2] = 2.0
    seen = np.tile([0.5, 0.5, -1.0, 1.0, 1.0], (400, 1)) + chance.normal(0, 0.1, (400, 5))
    others = Observed(np.zeros((outside, 2, len(EVIDENCE)), dtype=np.float32), np.tile([-0.5, -0.5, -3.0, -1.0, -1.0], (outside, 1)))
    none = Observed(evidence[:0], seen[:0])
    return Unseen(Observed(evidence, seen), labels, none, labels[:0], others)


def test_a_judge_of_strings_speaks_only_where_it_is_sure() -> None:
    messages = unseen(300)
    judge, report = calibrate(messages, range(len(EVIDENCE)), 0.95, 0.94)
    assert report["cross_validated_accuracy"] == 1.0
    early = early_judge(messages, OF_STRINGS, judge)
    assert early is not None
    assert early[0].fusion[2:] == (0.0, 0.0, 0.0)
    assert early[0].limits.accepted_right == EARLY_RIGHT
    assert 0.5 < early[1] <= 0.95  # those told by their meaning only are left to the whole judge
    assert early_judge(unseen(20), OF_STRINGS, judge) is None
