"""The rating at the end of a person's service, on the fakes."""

import pytest

from conversations.bubbles import size
from conversations.fake_channels import FakeChannel
from conversations.model import Address, Author, Deferred, Menu, Owner, Passive, Refused, Status, Unknown
from conversations.rows import Handoff, Outcome, Rating
from tests.conversations.world import BACK, HANDS_OVER, LAO, TEXTS, XIAO, World, tables, told

THANKS = TEXTS.say("rated")


async def served(world: World, who: Address = XIAO) -> None:
    """From a question to a person and back."""
    await world.say("人工", who)
    await world.agent_takes(who)
    await world.agent_says("办好了", f"k-{who.openid}-{world.conversation(who).epoch}", who)
    await world.agent_resolves(who)


def handoffs(world: World, who: Address = XIAO) -> list[Handoff]:
    name = world.conversation(who).conversation_id
    return [row for row in tables(world).handoffs.values() if row.conversation_id == name]


async def test_the_end_is_told_and_the_rating_asked_in_one_message_that_the_purse_pays(world: World) -> None:
    await served(world)
    assert told(world) == ["办好了", BACK]
    [handoff] = handoffs(world)
    name = handoff.handoff_id
    choices = ((f"rating:{name}:1", "满意"), (f"rating:{name}:2", "一般"), (f"rating:{name}:3", "不满意"))
    assert world.menu() == Menu(choices, TEXTS.rating.tail)
    assert world.conversation().purse.message_used == 2
    row = world.outbound()[-1]
    # in the transcript it stands as it was read
    assert row.text == "\n".join((BACK, "满意", "一般", "不满意", TEXTS.rating.tail))
    assert (row.author, row.purpose, row.status) == (Author.NOTICE, "service_event", Status.SENT)
    assert size(row.text) <= 2048
    assert all(len(choice) <= 64 for choice, _ in choices)


@pytest.mark.parametrize(("number", "rating"), [(1, Rating.SATISFIED), (2, Rating.NEUTRAL), (3, Rating.UNSATISFIED)])
async def test_a_tap_is_stored_and_thanked_for_and_no_bot_is_asked(world: World, number: int, rating: Rating) -> None:
    await served(world)
    asked = len(world.brain.requests)
    assert await world.tap(world.menu(), number) == Passive(THANKS)
    [handoff] = handoffs(world)
    assert (handoff.rating, handoff.rated_at) == (rating, world.clock.now())
    assert len(world.brain.requests) == asked
    turn = list(tables(world).turns.values())[-1]
    assert (turn.outcome, turn.decision, turn.text) == (Outcome.ANSWERED, "rated", TEXTS.rating.labels[number - 1])
    # what the bot must know of the person's service still waits for its next turn
    await world.say("谢谢")
    assert world.brain.requests[-1].events[0]["kind"] == "human_ended"


async def test_a_second_tap_changes_nothing_and_is_thanked_for(world: World) -> None:
    await served(world)
    await world.tap(world.menu(), 3)
    first = handoffs(world)
    world.clock.advance(60)
    assert await world.tap(world.menu(), 1) == Passive(THANKS)
    assert handoffs(world) == first


@pytest.mark.parametrize(
    "choice",
    ["rating:h_none:1", "rating:{id}:0", "rating:{id}:4", "rating:{id}:1 ", "rating:{id}", "rating::1", "101", "rating:{id}:１", "x" * 500],
)
async def test_an_id_that_is_not_ours_is_the_text_it_carries(world: World, choice: str) -> None:
    await served(world)
    await world.say("谢谢")
    choice = choice.replace("{id}", handoffs(world)[0].handoff_id)
    assert await world.say("满意", refill="tap", choice=choice) == Passive("echo: 满意")
    assert handoffs(world)[0].rating is None


async def test_the_menu_of_another_subscriber_rates_nothing(world: World) -> None:
    await served(world, LAO)
    await world.say("你好")
    assert await world.tap(world.menu(LAO), 1) == Passive("echo: 满意")
    assert handoffs(world, LAO)[0].rating is None


async def test_what_nobody_has_resolved_cannot_be_rated(world: World) -> None:
    await world.say("人工")
    name = handoffs(world)[0].handoff_id
    await world.agent_takes()
    assert await world.say("满意", hold_s=0.5, refill="tap", choice=f"rating:{name}:1") == Deferred()
    assert handoffs(world)[0].rating is None


@pytest.mark.parametrize(
    ("words", "rating"),
    [
        ("满意", Rating.SATISFIED), (" 满意！", Rating.SATISFIED), ("1", Rating.SATISFIED), ("２", Rating.NEUTRAL),
        ("不满意。", Rating.UNSATISFIED),
    ],
)
async def test_words_typed_right_after_the_question_count(world: World, words: str, rating: Rating) -> None:
    await served(world)
    assert await world.say(words) == Passive(THANKS)
    assert handoffs(world)[0].rating == rating
    # now the last thing said is the thanks
    assert await world.say(words) == Passive(f"echo: {words.strip()}")


@pytest.mark.parametrize("words", ["不满意你们的套餐", "4", "谢谢", ""])
async def test_other_words_are_the_bots(world: World, words: str) -> None:
    await served(world)
    answer = await world.say(words)
    assert isinstance(answer, Passive)
    assert answer.text != THANKS
    assert handoffs(world)[0].rating is None


async def test_words_typed_later_are_the_bots(world: World) -> None:
    await served(world)
    await world.say("谢谢")
    assert await world.say("满意") == Passive("echo: 满意")
    assert handoffs(world)[0].rating is None


async def test_words_typed_before_the_question_had_arrived_meant_something_else(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    world.channel.results = [Refused("-1", "later")]
    await world.agent_resolves()
    world.clock.advance(1)
    await world.accept("满意")
    world.clock.advance(5)
    await world.core.sweeper.sweep()
    await world.settle()
    assert handoffs(world)[0].rating is None
    assert world.brain.requests[-1].text == "满意"


async def test_a_late_tap_rates_the_earlier_handoff_whoever_owns_the_chat(world: World) -> None:
    await served(world)
    menu = world.menu()
    await world.say("人工")
    assert await world.tap(menu, 1) == Passive(THANKS)
    assert world.conversation().owner == Owner.WAITING
    await world.agent_takes()
    before = world.conversation()
    assert await world.tap(menu, 2, XIAO) == Passive(THANKS)
    after = world.conversation()
    # the agent has nothing to answer, and may write on
    assert (after.unread, after.last_said, after.last_words) == (before.unread, before.last_said, before.last_words)
    assert [row.rating for row in handoffs(world)] == [Rating.SATISFIED, None]


@pytest.mark.parametrize("way", ["empty", "refused", "window"])
async def test_what_cannot_be_asked_now_is_never_asked(world: World, way: str) -> None:
    await world.say("人工")
    await world.agent_takes()
    for number in range(5 if way == "empty" else 1):
        await world.agent_says(f"第 {number} 句", f"k{number}")
    world.channel.results = [Refused("45047", "hold")] if way == "refused" else []
    world.clock.advance(48 * 3600 if way == "window" else 1)
    await world.agent_resolves()
    held = world.outbound()[-1]
    assert (held.status, held.text, held.reference) == (Status.HELD, TEXTS.say("back_to_bot"), "human_ended")
    assert await world.say("满意") == Passive(TEXTS.say("back_to_bot") + "\n\necho: 满意")
    assert handoffs(world)[0].rating is None


async def test_a_channel_without_push_tells_the_end_and_asks_nothing() -> None:
    world = World(channel=FakeChannel(can_push=False))
    world.brain.script = {"人工": HANDS_OVER}
    await world.say("人工")
    await world.agent_takes()
    await world.agent_resolves()
    assert await world.say("1") == Passive(TEXTS.say("back_to_bot") + "\n\necho: 1")


async def test_a_question_put_off_until_the_next_handoff_is_withdrawn(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    world.channel.results = [Refused("-1", "later")]
    await world.agent_resolves()
    assert (await world.say("人工")) == Passive(f"{TEXTS.say('back_to_bot')}\n\n好的。\n\n{TEXTS.say('position_first')}")
    assert all(message.menu is None for message in world.channel.sent[XIAO])


async def test_a_question_that_may_have_arrived_can_be_answered(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    world.channel.results = [Unknown("timeout")]
    await world.agent_resolves()
    assert await world.say("一般") == Passive(THANKS)


async def test_who_was_left_alone_by_the_agent_is_not_asked(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    world.clock.advance(world.settings.agent_idle_s + 1)
    await world.core.sweeper.sweep()
    await world.settle()
    assert told(world) == [TEXTS.say("back_to_bot")]


async def test_a_channel_without_menus_shows_numbered_lines(world: World) -> None:
    await served(world)
    shown = world.channel.sent[XIAO][-1].as_text()
    assert shown.splitlines()[-4:] == ["1. 满意", "2. 一般", "3. 不满意", TEXTS.rating.tail]
    assert world.channel.sent[XIAO][0].as_text() == "办好了"


async def test_the_queue_shows_the_subscribers_words_and_since_when_they_wait(world: World) -> None:
    await world.say("我的号码 17900000001 停机了")
    await world.say("人工")
    row = world.conversation()
    assert row.last_words == "人工"
    assert row.waiting_since is not None
    asked_at = row.waiting_since
    await world.say("17900000001")
    assert (world.conversation().last_words, world.conversation().last_text) == ("179****0001", "179****0001")
    await world.agent_takes()
    await world.agent_says("您好", "k1")
    row = world.conversation()
    assert (row.last_words, row.last_text, row.waiting_since) == ("179****0001", "您好", None)
    world.clock.advance(9)
    first = world.clock.now()
    await world.accept("在吗")
    await world.accept("喂")
    since = world.conversation().waiting_since
    assert since is not None
    assert asked_at < first < since < world.clock.now()
    await world.agent_resolves()
    assert world.conversation().waiting_since is None
