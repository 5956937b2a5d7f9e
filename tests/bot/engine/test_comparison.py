"""The engine against stock Rasa on recorded conversations: replies, intents, slots and events, turn by turn."""

from pathlib import Path
from typing import Iterator, List, Optional

import pytest
from rasa.core.agent import Agent

from bot.engine.bot import Bot, load_bot
from bot.engine.patches import Undo, apply_all, registry
from tests.bot.engine.recording import Turn, invent_conversation, play_agent, play_engine, read_conversations
from tests.bot.fixtures.kiosk_actions import KioskEndpoint

pytestmark = pytest.mark.slow

RECORDED = Path(__file__).parents[1] / "fixtures" / "kiosk" / "conversations.yml"
INVENTED = 2
INVENTED_TURNS = 40


def conversations() -> List[List[str]]:
    """The recorded ones, and long ones invented of the same messages."""
    recorded = read_conversations(RECORDED)
    messages = sorted({message for conversation in recorded for message in conversation})
    return recorded + [invent_conversation(messages, INVENTED_TURNS, seed) for seed in range(INVENTED)]


@pytest.fixture(scope="module")
def bot(kiosk_model: Path) -> Bot:
    return load_bot("kiosk", kiosk_model, KioskEndpoint())


@pytest.fixture(scope="module")
async def stock(kiosk_model: Path) -> List[List[Turn]]:
    agent = Agent.load(str(kiosk_model), action_endpoint=KioskEndpoint())
    return [await play_agent(agent, texts, f"demo:o{number}") for number, texts in enumerate(conversations())]


@pytest.fixture
def applied(request: pytest.FixtureRequest) -> Iterator[None]:
    undo: Undo = request.param()
    yield
    undo()



async def _check_equal(bot: Bot, stock: List[List[Turn]], count: Optional[int] = None) -> None:
    for texts, expected in list(zip(conversations(), stock))[:count]:
        played = await play_engine(bot, texts)
        for number, (ours, theirs) in enumerate(zip(played, expected)):
            heard = texts[: number + 1]
            assert ours.said == theirs.said, heard
            assert ours.intent == theirs.intent, heard
            assert ours.slots == theirs.slots, heard
            assert ours.events == theirs.events, heard


async def test_the_recorded_conversations_reach_every_part_of_the_kiosk(stock: List[List[Turn]]) -> None:
    names = {event.get("name") for turns in stock for turn in turns for event in turn.events if event["event"] == "action"}
    assert {"order_form", "action_two_stage_fallback", "action_default_fallback", "action_place_order", "utter_welcome_member"} <= names
    kinds = {event["event"] for turns in stock for turn in turns for event in turn.events}
    assert {"rewind", "action_execution_rejected", "active_loop", "slot"} <= kinds


async def test_a_turn_without_memory_does_what_a_stock_rasa_does(bot: Bot, stock: List[List[Turn]]) -> None:
    await _check_equal(bot, stock)


@pytest.mark.parametrize("applied", [patch for _, patch in registry()], ids=[name for name, _ in registry()], indirect=True)
async def test_each_patch_alone_changes_nothing(applied: None, bot: Bot, stock: List[List[Turn]]) -> None:
    await _check_equal(bot, stock, len(read_conversations(RECORDED)))


@pytest.mark.parametrize("applied", [apply_all], ids=["all"], indirect=True)
async def test_all_patches_together_change_nothing(applied: None, bot: Bot, stock: List[List[Turn]]) -> None:
    await _check_equal(bot, stock)


@pytest.mark.parametrize("applied", [apply_all], ids=["all"], indirect=True)
async def test_patches_are_taken_back(applied: None) -> None:
    from rasa.core.policies.rule_policy import RulePolicy

    assert RulePolicy._get_possible_keys.__module__.startswith("bot.engine.patches")


def test_nothing_is_left_of_a_patch_that_was_taken_back() -> None:
    from rasa.core.policies.rule_policy import RulePolicy
    from rasa.shared.core.trackers import DialogueStateTracker

    for function in (RulePolicy._get_possible_keys, DialogueStateTracker.past_states, DialogueStateTracker.applied_events):
        assert function.__module__.startswith("rasa.")
