"""What a run will do: mixture, schedule, options, processes, recovery."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from chaos.faults import FAULTS, Fault
from chaos.options import read_options
from chaos.people import openids, write_people
from chaos.planner import MIXTURE, Planner
from chaos.processes import part_of
from chaos.recovery import Asked, Happened, find_asked, recovery_s, slowest_s, unanswered, usual_share
from chaos.schedule import calm_s, plan_faults
from tests.chaos.scene import Scene, at


def test_the_same_seed_plays_the_same() -> None:
    one, other, third = (Planner(openids(50), seed) for seed in (7, 7, 8))
    acts = [one.next_act() for _ in range(200)]
    assert acts == [other.next_act() for _ in range(200)]
    assert acts != [third.next_act() for _ in range(200)]


def test_the_mixture_has_everything_and_a_burst_is_one_subscribers() -> None:
    planner = Planner(openids(50), 1)
    acts = [planner.next_act() for _ in range(3000)]
    assert {act.kind for act in acts} == {name for name, _ in MIXTURE}
    assert {len(act.bodies) for act in acts if act.kind == "burst"} == {2, 3}
    assert all(body["openid"] == act.openid for act in acts for body in act.bodies)
    assert all((act.repeats > 0) == (act.kind == "repeated") for act in acts)
    shares = Counter(act.kind for act in acts)
    assert shares["ask"] > shares["person"] > 0


def test_messages_come_at_the_rate() -> None:
    planner = Planner(openids(5), 3)
    assert sum(planner.pause_s(20) for _ in range(20_000)) / 20_000 == pytest.approx(1 / 20, rel=0.05)


def test_each_fault_has_its_turn_in_three_minutes_and_time_to_get_over_it() -> None:
    slots = plan_faults([fault for fault in FAULTS if fault.name != "postgres_drop"], 180)
    assert [slot.fault.name for slot in slots] == [fault.name for fault in FAULTS if fault.name != "postgres_drop"]
    assert slots[0].begins == calm_s(180)
    assert all(slot.free_until - slot.ends >= 8 for slot in slots)
    assert all(one.free_until <= later.begins for one, later in zip(slots, slots[1:], strict=False))
    assert slots[-1].free_until <= 180.5


def test_a_long_run_goes_round_again_and_a_short_one_leaves_out() -> None:
    faults = [Fault("a", 0.0), Fault("b", 5.0)]
    assert [slot.fault.name for slot in plan_faults(faults, 120)] == ["a", "b"] * 3
    assert [slot.fault.name for slot in plan_faults(faults, 20)] == ["a"]
    assert plan_faults([], 60) == ()


def test_options_say_what_they_do_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert "postgres_drop" not in read_options([]).faults
    assert "postgres_drop" in read_options(["--database-url", "postgresql+psycopg://x/y"]).faults
    assert read_options(["--faults", "none"]).faults == ()
    with pytest.raises(SystemExit):
        read_options(["--faults", "core_kill,earthquake"])
    assert "earthquake" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        read_options(["--rate", "0"])


def test_half_of_the_people_are_bound(tmp_path: Path) -> None:
    file = tmp_path / "people.yml"
    assert write_people(file, 5) == 3
    body = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert len({one["number"] for one in body["bindings"]}) == len(body["customers"]) == 3
    assert {one["openid"] for one in body["bindings"]} < set(openids(5))


@pytest.mark.parametrize(("argv", "part"), [
    (["/usr/bin/redis-server", "*:0"], "redis"),
    (["redis-server", "unixsocket:/tmp/redis.sock"], "redis"),
    (["python", "-m", "bot.engine.serve", "--port", "1"], "bot"),
    (["python", "-m", "cli.main", "serve", "core"], "core"),
    (["python", "-m", "sandbox", "--config", "f"], "sandbox"),
    (["python", "-m", "cli.main", "serve", "bot"], None),
    ([], None),
])  # fmt: skip
def test_a_process_is_known_by_its_command_line(argv: list[str], part: str | None) -> None:
    assert part_of(argv) == part


def _asked(seconds: range, answered_s: float | None, *, without_bot: bool = False) -> list[Asked]:
    return [Asked(at(second + part / 10), answered_s, without_bot) for second in seconds for part in range(10)]


def test_recovery_is_counted_from_the_end_of_the_fault() -> None:
    asked = [*_asked(range(20), 0.1), *_asked(range(20, 27), 9.0), *_asked(range(27, 40), 0.2)]
    happened = Happened("core_pause", at(18), at(22), at(40))
    usual = usual_share(asked, at(18))
    assert usual == 1.0
    # one slow message in ten still counts as usual
    assert 4.5 <= (recovery_s(asked, happened, usual) or 0) <= 5.0
    assert slowest_s(asked, happened) == 9.0
    assert unanswered(asked, happened) == 0


def test_no_recovery_without_answers_or_with_the_queue_for_an_answer() -> None:
    happened = Happened("bot_kill", at(5), at(5), at(20))
    assert recovery_s(_asked(range(20), None), happened, 1.0) is None
    assert unanswered(_asked(range(20), None), happened) == 150
    assert recovery_s(_asked(range(20), 0.1, without_bot=True), happened, 1.0) is None
    assert recovery_s(_asked(range(20), 0.1), happened, 1.0) == 0.0


def test_who_an_agent_answers_is_not_waited_for() -> None:
    scene = Scene()
    scene.say(1, 0, outcome="to_agent")
    name = scene.say(2, 10, outcomes=("unanswered", "passive"), passive="甲")
    scene.bubble(4, "甲", 10.1, status="handed_over", inbound_id=name)
    later = scene.say(3, 20)
    scene.bubble(6, "乙", 23, inbound_id=later)
    scene.say(4, 30, stored=False, outcomes=("unanswered",) * 3)
    # passive: when the delivery that brought it ended; custom: when it was sent
    assert [one.answered_s for one in find_asked(scene.evidence())] == pytest.approx([5.1, 3.0, None])
