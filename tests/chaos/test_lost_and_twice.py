"""What counts as lost, as answered twice, and as nobody's fault."""

from dataclasses import replace

import pytest

from chaos.checks.lost import find_lost, find_not_taken, find_passive_unseen
from chaos.checks.twice import find_twice
from chaos.evidence import Delivery, TurnRow
from tests.chaos.scene import OPENID, Scene, at


def test_an_answered_message_is_neither_lost_nor_twice() -> None:
    scene = Scene()
    name = scene.say(1, 0, outcomes=("passive",), passive="甲")
    scene.bubble(2, "甲", 0.1, status="handed_over", inbound_id=name)
    evidence = scene.evidence()
    assert not find_lost(evidence)
    assert not find_twice(evidence)
    assert not find_not_taken(evidence)
    assert not find_passive_unseen(evidence)


@pytest.mark.parametrize("outcome", ["ack", "passive", "lost"])
def test_what_was_acknowledged_and_is_not_stored_is_lost(outcome: str) -> None:
    scene = Scene()
    scene.say(1, 0, outcomes=("unanswered", outcome), stored=False)
    assert len(find_lost(scene.evidence())) == 1
    assert not find_not_taken(scene.evidence())


@pytest.mark.parametrize("outcomes", [(), ("unanswered",) * 3, ("malformed",)])
def test_what_no_delivery_brought_is_not_taken_and_not_lost(outcomes: tuple[str, ...]) -> None:
    scene = Scene()
    scene.say(1, 0, outcomes=outcomes, stored=False)
    assert not find_lost(scene.evidence())
    assert len(find_not_taken(scene.evidence())) == 1


def test_a_stored_message_has_exactly_one_turn_acknowledged_or_not() -> None:
    scene = Scene()
    scene.say(1, 0, outcomes=("unanswered",) * 3)
    assert not find_lost(scene.evidence())
    scene.turns.append(TurnRow("t_again", "i_1", "c_scene", "answered"))
    assert "2 turns" in find_lost(scene.evidence())[0].what
    scene.turns.clear()
    assert "0 turns" in find_lost(scene.evidence())[0].what


@pytest.mark.parametrize(("status", "reason", "lost"), [
    ("queued", None, 1), ("sending", None, 1), ("dropped", None, 1), ("refused", None, 1),
    ("dropped", "epoch_moved", 0), ("refused", "43004", 0), ("unknown", "TimeoutError", 0), ("held", "purse_empty", 0),
])  # fmt: skip
def test_every_bubble_ends_somewhere_with_a_reason(status: str, reason: str | None, lost: int) -> None:
    scene = Scene()
    scene.bubble(1, "甲", 1, status=status, reason=reason, shown=False)
    assert len(find_lost(scene.evidence())) == lost


def test_a_bubble_that_is_sent_stands_on_the_phone() -> None:
    scene = Scene()
    scene.bubble(1, "甲", 1)
    scene.bubble(2, "甲", 2, shown=False)
    assert "1 bubbles" in find_lost(scene.evidence())[0].what


def test_an_event_is_known_by_its_second() -> None:
    scene = Scene()
    scene.say(1, 0)
    # the phone shows a tap at :05.9, its envelope was made at :06
    line = replace(scene.lines[0], kind="event", msg_id=None, at=at(5.9))
    scene.lines.append(line)
    scene.deliveries.append(Delivery(OPENID, None, 1, at(6), at(6.1), "ack"))
    assert len(find_lost(scene.evidence())) == 1
    scene.inbounds.append(replace(scene.inbounds[0], inbound_id="i_e", dedup_key=f"e{int(at(6).timestamp())}:click:k"))
    scene.turns.append(TurnRow("t_e", "i_e", "c_scene", "answered"))
    assert not find_lost(scene.evidence())


def test_a_passive_reply_that_no_delivery_brought_is_listed() -> None:
    scene = Scene()
    scene.say(1, 0, outcomes=("unanswered",) * 3, passive="甲")
    assert len(find_passive_unseen(scene.evidence())) == 1
    assert not find_lost(scene.evidence())


@pytest.mark.parametrize("kind", ["custom", "passive"])
@pytest.mark.parametrize("status", ["handed_over", "sent"])
def test_a_bubble_more_than_the_rows_is_an_answer_too_many(kind: str, status: str) -> None:
    scene = Scene()
    name = scene.say(1, 0, outcomes=("passive",), passive="甲" if status == "handed_over" else None)
    scene.bubble(2, "甲", 0.1, status=status, inbound_id=name)
    assert not find_twice(scene.evidence())
    scene.show("甲", 6, kind=kind)
    assert len(find_twice(scene.evidence())) == 1


def test_equal_texts_of_two_turns_are_two_answers() -> None:
    scene = Scene()
    for msg_id in (1, 2):
        scene.bubble(msg_id * 2, "甲", msg_id, inbound_id=scene.say(msg_id, msg_id))
    assert not find_twice(scene.evidence())


def test_an_unknown_bubble_may_be_seen_once_but_not_twice() -> None:
    scene = Scene()
    scene.bubble(1, "甲", 1, status="unknown", reason="TimeoutError")
    assert not find_twice(scene.evidence())
    scene.show("甲", 7)
    assert len(find_twice(scene.evidence())) == 1


def test_a_message_with_two_passive_replies_is_answered_twice() -> None:
    scene = Scene()
    scene.say(1, 0, outcomes=("passive", "passive"), passive="甲")
    assert any("2 passive" in one.what for one in find_twice(scene.evidence()))
