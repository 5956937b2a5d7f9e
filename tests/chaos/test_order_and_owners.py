"""Order of the phone against the transcript; bot and agent; what is stuck; the purse."""

from dataclasses import replace

import pytest

from chaos.checks.both import find_both
from chaos.checks.order import find_order_excused, find_out_of_order
from chaos.checks.purse import find_wrong_purse
from chaos.checks.stuck import find_stuck
from chaos.checks.unknown import find_unknown
from chaos.evidence import AgentRow, Call, Evidence, HandoffRow, HoldRow
from tests.chaos.scene import NAME, OPENID, Scene, at


def test_bubbles_in_order_are_in_order_even_with_equal_texts() -> None:
    scene = Scene()
    for position, text in ((1, "甲"), (2, "乙"), (3, "甲"), (4, "丙")):
        scene.bubble(position, text, position)
    assert not find_out_of_order(scene.evidence())


def test_a_bubble_before_an_earlier_one_is_out_of_order() -> None:
    scene = Scene()
    scene.bubble(2, "乙", 1)
    scene.bubble(1, "甲", 2)
    assert "position 1 on line 2" in find_out_of_order(scene.evidence())[0].what


@pytest.mark.parametrize(("attempts", "kind"), [(("passive",), "out_of_order"), (("unanswered", "passive"), "late_by_repeat")])
def test_a_passive_reply_that_came_with_a_repeat_is_late_and_no_fault(attempts: tuple[str, ...], kind: str) -> None:
    scene = Scene()
    name = scene.say(1, 0, outcomes=attempts, passive="甲")
    scene.bubble(4, "乙", 2)
    scene.bubble(2, "甲", 1, status="handed_over", inbound_id=name)
    found = [*find_out_of_order(scene.evidence()), *find_order_excused(scene.evidence())]
    assert [one.kind for one in found] == [kind]


def test_a_passive_reply_nobody_saw_does_not_lend_its_place_to_an_equal_one() -> None:
    scene = Scene()
    first = scene.say(1, 0, outcomes=("unanswered",) * 3, passive="甲")
    scene.bubble(2, "甲", 1, status="handed_over", inbound_id=first, shown=False)
    scene.bubble(4, "乙", 2)
    second = scene.say(2, 3, outcomes=("passive",), passive="甲")
    scene.bubble(6, "甲", 3.1, status="handed_over", inbound_id=second)
    assert not find_out_of_order(scene.evidence())


def test_an_unknown_bubble_and_a_held_notice_may_come_late() -> None:
    scene = Scene()
    scene.bubble(2, "乙", 1, author="agent")
    scene.bubble(1, "甲", 2, status="unknown", reason="TimeoutError")
    assert [one.kind for one in find_order_excused(scene.evidence())] == ["unknown_shown_late"]
    scene = Scene()
    scene.bubble(2, "乙", 1, author="agent")
    scene.bubble(1, "甲", 2, author="notice")
    assert [one.kind for one in find_order_excused(scene.evidence())] == ["notice_after_agent"]
    assert not find_out_of_order(scene.evidence())


def test_a_held_notice_may_come_with_the_next_passive_reply() -> None:
    scene = Scene()
    scene.bubble(2, "丙", 1, author="agent")
    name = scene.say(1, 2, outcomes=("passive",), passive="甲\n\n乙")
    scene.bubble(1, "甲", 2, status="handed_over", author="notice", shown=False)
    scene.bubble(4, "乙", 2, status="handed_over", inbound_id=name, shown=False)
    scene.show("甲\n\n乙", 2, kind="passive")
    assert [one.kind for one in find_order_excused(scene.evidence())] == ["notice_after_agent"]
    assert not find_out_of_order(scene.evidence())


@pytest.mark.parametrize(("second", "epoch", "status", "both"), [
    (11, 0, "sent", 1), (11, 0, "handed_over", 1), (11, 0, "unknown", 1),
    (9, 0, "sent", 0), (11, 3, "sent", 0), (11, 0, "dropped", 0),
])  # fmt: skip
def test_a_bot_bubble_after_an_agent_owned_it(second: float, epoch: int, status: str, both: int) -> None:
    scene = Scene(holds=[HoldRow(NAME, "a_1", 2, "ended", at(10), at(30))])
    scene.bubble(1, "甲", second, epoch=epoch, status=status, reason="epoch_moved" if status == "dropped" else None)
    assert len(find_both(scene.evidence())) == both


def test_two_agents_at_once() -> None:
    one, other = HoldRow(NAME, "a_1", 2, "ended", at(10), at(30)), HoldRow(NAME, "a_2", 4, "ended", at(29), at(40))
    assert len(find_both(Scene(holds=[other, one]).evidence())) == 1
    after = HoldRow(NAME, "a_2", 4, "accepted", at(31))
    assert not find_both(Scene(holds=[after, one]).evidence())
    never = HoldRow(NAME, "a_2", 2, "expired", None, at(12))
    assert not find_both(Scene(holds=[never, one]).evidence())


def test_an_agents_conversation_with_all_it_needs_is_not_stuck() -> None:
    scene = Scene(owner="agent", epoch=2, agent_id="a_1", deadline=at(7200), handoffs=[HandoffRow(NAME, "assigned")],
                  holds=[HoldRow(NAME, "a_1", 2, "accepted", at(5))])  # fmt: skip
    assert not find_stuck(scene.evidence())


@pytest.mark.parametrize("scene", [
    Scene(owner="agent", agent_id="a_1", deadline=at(7200), handoffs=[HandoffRow(NAME, "assigned")]),
    Scene(owner="agent", agent_id="a_2", deadline=at(7200), handoffs=[HandoffRow(NAME, "assigned")],
          holds=[HoldRow(NAME, "a_1", 2, "accepted", at(5))]),
    Scene(owner="waiting", handoffs=[HandoffRow(NAME, "waiting")]),
    Scene(owner="waiting", deadline=at(30), handoffs=[HandoffRow(NAME, "waiting")]),
    Scene(owner="waiting", deadline=at(90), handoffs=[]),
    Scene(owner="waiting", deadline=at(90), handoffs=[HandoffRow(NAME, "assigned")]),
    Scene(owner="bot", handoffs=[HandoffRow(NAME, "waiting")]),
    Scene(owner="bot", holds=[HoldRow(NAME, "a_1", 2, "accepted", at(5))]),
])  # fmt: skip
def test_without_one_owner_and_a_deadline_it_is_stuck(scene: Scene) -> None:
    assert find_stuck(scene.evidence())


def test_undone_rows_are_stuck() -> None:
    scene = Scene()
    scene.bubble(1, "甲", 1, status="queued", shown=False)
    assert len(find_stuck(scene.evidence())) == 1


def test_a_slot_that_nobody_uses_is_stuck() -> None:
    assert find_stuck(Evidence(read_at=at(60), agents=[AgentRow("a_1", "online", 1)]))
    assert not find_stuck(Evidence(read_at=at(60), agents=[AgentRow("a_1", "online", 0)]))


@pytest.mark.parametrize(("fault", "wrong"), [(None, 1), ("errcode 45047", 0)])
def test_wechats_refusal_counts_unless_it_was_ordered(fault: str | None, wrong: int) -> None:
    scene = Scene(calls=[Call("/cgi-bin/message/custom/send", OPENID, 45047, fault)])
    assert len(find_wrong_purse(scene.evidence())) == wrong


def _spent(sent: int, *, used: int, left: int) -> Scene:
    scene = Scene(fill=3, message_used=used, purse_left=left)
    scene.say(1, 0)
    for number in range(sent):
        scene.bubble(10 + number, f"甲{number}", 1 + number, fill=3)
    return scene


def test_both_counts_agree() -> None:
    assert not find_wrong_purse(_spent(2, used=2, left=3).evidence())
    assert find_wrong_purse(_spent(2, used=1, left=3).evidence())
    assert find_wrong_purse(_spent(2, used=2, left=4).evidence())


def test_a_bubble_on_its_way_while_the_subscriber_wrote_is_paid_by_wechats_new_filling_only() -> None:
    scene = _spent(1, used=1, left=3)
    scene.bubble(9, "乙", 0.1, fill=2)
    assert not find_wrong_purse(scene.evidence())


@pytest.mark.parametrize(
    ("used", "left", "ended", "wrong"), [(2, 3, 0.5, 0), (2, 3, 9.0, 0), (2, 4, 0.5, 0), (3, 3, 0.5, 1), (2, 4, -5, 1)]
)
def test_what_was_on_its_way_may_be_paid_twice_and_no_more(used: int, left: int, ended: float, wrong: int) -> None:
    scene = _spent(1, used=used, left=left)
    scene.filled_at = at(0)
    scene.bubble(9, "乙", ended, fill=2)
    if left == 4:
        # WeChat took it before the message
        scene.lines.insert(0, scene.lines.pop())
        scene.lines[:] = [replace(line, n=number) for number, line in enumerate(scene.lines, start=1)]
    assert len(find_wrong_purse(scene.evidence())) == wrong


def test_an_unknown_bubble_nobody_saw_is_charged_here_only() -> None:
    scene = _spent(1, used=2, left=4)
    scene.bubble(20, "乙", 5, status="unknown", reason="TimeoutError", fill=3, shown=False)
    assert not find_wrong_purse(scene.evidence())
    assert "not seen" in find_unknown(scene.evidence())[0].what


def test_nothing_is_compared_with_who_tapped_or_whose_last_word_was_not_taken() -> None:
    scene = _spent(1, used=4, left=4)
    assert find_wrong_purse(scene.evidence())
    scene.tapped = True
    assert not find_wrong_purse(scene.evidence())
    scene = _spent(1, used=1, left=4)
    scene.say(2, 8, stored=False, outcomes=("unanswered",) * 3)
    scene.purse_left = 5
    assert not find_wrong_purse(scene.evidence())
