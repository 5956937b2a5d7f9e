"""Sending against a platform on loopback that does what it is told."""

import asyncio
import json
from collections import Counter

import aiohttp
import pytest

from connectors.wechat.codes import CODES, Do
from connectors.wechat.messages import (
    Image,
    MediaFile,
    MenuMessage,
    Message,
    MiniProgramPage,
    Music,
    News,
    Text,
    Video,
    Voice,
)
from connectors.wechat.sender import CustomerServiceSender
from conversations.model import Menu, OutgoingText, Refused, Sent, Stopped, Unknown
from runtime.clock import FakeClock
from runtime.desk_settings import AccountDesk
from tests.connectors.wechat.platform_double import HELLO, NOWHERE, TO, Platform, make_way

pytestmark = pytest.mark.slow  # real servers and processes

PICTURE = MediaFile("image", "a.png", b"\x89PNG", "image/png")
AGENT = OutgoingText("b_1", "我是小林", speaker="小林", speaker_id="u_1")
KF_ACCOUNTS = (("小林", "kf1@shop"), ("u_2", "kf2@shop"), ("default", "kf9@shop"))


@pytest.fixture
def sender(platform: Platform, session: aiohttp.ClientSession) -> CustomerServiceSender:
    return make_way(platform, session).sender


def _sent(platform: Platform) -> list[dict[str, object]]:
    return [json.loads(body) for body in platform.bodies]


async def test_a_bubble_goes_out_as_raw_utf_8(platform: Platform, sender: CustomerServiceSender) -> None:
    assert await sender.send(TO, HELLO) == Sent()
    assert "你好".encode() in platform.bodies[0]
    assert b"\\u" not in platform.bodies[0]


async def test_what_json_could_only_escape_and_what_xml_would_end_by_goes_out_whole(
    platform: Platform, sender: CustomerServiceSender
) -> None:
    text = "余额]]>&<xml>\x07\x00\ud83d\ude00\ud800\\u4e2d\"引号\""
    assert await sender.send(TO, OutgoingText("b_1", text)) == Sent()
    assert json.loads(platform.bodies[0].decode())["text"]["content"] == "余额]]>&<xml>😀\ufffd\\u4e2d\"引号\""
    assert b"\\u00" not in platform.bodies[0]


@pytest.mark.parametrize(
    ("code", "action"),
    [
        (45047, "hold"), (45015, "hold"), (43004, "unfollowed"), (40003, "drop"), (43019, "drop"), (45002, "drop"), (40007, "drop"),
        (48001, "stop"), (40164, "stop"), (45009, "stop"), (89503, "stop"), (65401, "drop"), (99999, "drop"),
    ],
)  # fmt: skip
async def test_codes_become_actions(platform: Platform, sender: CustomerServiceSender, code: int, action: str) -> None:
    platform.errcode = code
    assert await sender.send(TO, HELLO) == Refused(str(code), action)
    assert len(platform.bodies) == 1


def test_the_table_names_every_code_of_the_reference() -> None:
    named = {-1, 40001, 40014, 42001, 40003, 40007, 40004, 40125, 40013, 40164, 89503, 41001, 43004, 43101, 43019, 45002, 45009, 45011}
    named |= {45015, 45047, 45064, 45157, 45072, 45080, 45081, 45083, 48001, 48004, 48006, 50002}
    named |= {*range(44001, 44005), *range(61451, 61460), *range(65400, 65416)}
    assert named <= set(CODES)
    assert {code for code, one in CODES.items() if one.do == Do.REFRESH} == {40001, 40014, 41001, 42001}


async def test_busy_is_asked_again_because_it_said_no(platform: Platform, sender: CustomerServiceSender) -> None:
    platform.errcodes = [-1]
    assert await sender.send(TO, HELLO) == Sent()
    assert len(platform.bodies) == 2


async def test_who_stays_busy_is_asked_three_times(platform: Platform, sender: CustomerServiceSender) -> None:
    platform.errcode = -1
    assert await sender.send(TO, HELLO) == Refused("-1", "later")
    assert len(platform.bodies) == 3


@pytest.mark.parametrize("code", ["drop", "text", "redirect"])
async def test_no_answer_is_unknown_and_not_sent_again(platform: Platform, sender: CustomerServiceSender, code: str) -> None:
    platform.errcodes = [code]
    assert isinstance(await sender.send(TO, HELLO), Unknown)
    assert len(platform.bodies) == 1


async def test_a_time_out_is_unknown(platform: Platform, session: aiohttp.ClientSession) -> None:
    way = make_way(platform, session, total_s=0.4)
    await way.token.current()
    platform.pause_s = 1.0
    assert isinstance(await way.sender.send(TO, HELLO), Unknown)
    assert len(platform.bodies) == 1


async def test_a_request_that_found_no_free_connection_was_not_sent(platform: Platform) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as narrow:
        first, second = make_way(platform, narrow, total_s=3.0), make_way(platform, narrow, total_s=0.4)
        await first.token.current()
        await second.token.current()
        platform.pause_s = 1.0
        slow = asyncio.create_task(first.sender.send(TO, HELLO))
        await asyncio.sleep(0.1)
        assert await second.sender.send(TO, HELLO) == Refused("unreachable", "stop")
        assert await slow == Sent()
    assert len(platform.bodies) == 1


async def test_nobody_there_stops_sending_for_a_moment(platform: Platform, session: aiohttp.ClientSession) -> None:
    clock = FakeClock()
    there, away = make_way(platform, session, clock), make_way(platform, session, clock, base=NOWHERE)
    away.client._token = there.token  # the token was had while WeChat was there
    assert await away.sender.send(TO, HELLO) == Refused("unreachable", "stop")
    assert away.sender.stopped() == Stopped("unreachable")
    clock.advance(5)
    assert away.sender.stopped() == Stopped("unreachable", trial=True)


async def test_no_token_is_no_send_and_stops_sending(platform: Platform, session: aiohttp.ClientSession) -> None:
    sender = make_way(platform, session, base=NOWHERE).sender
    assert await sender.send(TO, HELLO) == Refused("token_unreachable", "stop")
    assert sender.stopped() == Stopped("token_unreachable")


async def test_a_platform_too_busy_for_a_token_is_asked_again_soon(platform: Platform, session: aiohttp.ClientSession) -> None:
    clock = FakeClock()
    sender = make_way(platform, session, clock).sender
    platform.token_errcode = -1
    assert await sender.send(TO, HELLO) == Refused("-1", "later")
    assert (platform.tokens, sender.stopped()) == (1, None)
    platform.token_errcode = 0
    clock.advance(5)
    assert await sender.send(TO, HELLO) == Sent()


async def test_a_token_that_is_not_to_be_had_today_stops_sending_for_today(platform: Platform, session: aiohttp.ClientSession) -> None:
    clock = FakeClock()  # it is 20:00
    sender = make_way(platform, session, clock).sender
    platform.token_errcode = 45009
    assert await sender.send(TO, HELLO) == Refused("45009", "stop")
    clock.advance(4 * 3600 - 60)
    assert sender.stopped() == Stopped("45009")
    clock.advance(120)
    assert sender.stopped() == Stopped("45009", trial=True)


async def test_an_account_that_may_not_send_shows_no_typing(platform: Platform, session: aiohttp.ClientSession) -> None:
    await make_way(platform, session, kind="subscription").sender.typing(TO)
    assert (platform.tokens, platform.bodies) == (0, [])


async def test_typing_never_raises(platform: Platform, session: aiohttp.ClientSession) -> None:
    counts = Counter[str]()
    way = make_way(platform, session, counts=counts)
    await way.sender.typing(TO)
    assert _sent(platform) == [{"touser": "oA", "command": "Typing"}]
    platform.errcode = 45081
    await way.sender.typing(TO)
    assert counts["typing_failed.CallRefused"] == 1
    await make_way(platform, session, base=NOWHERE).sender.typing(TO)


async def test_typing_can_be_taken_back(platform: Platform, session: aiohttp.ClientSession) -> None:
    await make_way(platform, session).client.cancel_typing("oA")
    assert _sent(platform) == [{"touser": "oA", "command": "CancelTyping"}]


async def test_a_menu_is_sent_as_msgmenu(platform: Platform, sender: CustomerServiceSender) -> None:
    menu = Menu((("rating:h_1:1", "满意"), ("rating:h_1:2", "不满意")), "点一下")
    assert await sender.send(TO, OutgoingText("b_1", "您满意吗？", menu=menu)) == Sent()
    assert _sent(platform) == [
        {
            "touser": "oA",
            "msgtype": "msgmenu",
            "msgmenu": {
                "head_content": "您满意吗？",
                "list": [{"id": "rating:h_1:1", "content": "满意"}, {"id": "rating:h_1:2", "content": "不满意"}],
                "tail_content": "点一下",
            },
        }
    ]
    assert "不满意".encode() in platform.bodies[0]


@pytest.mark.parametrize(
    ("message", "part"),
    [
        (Text("好"), {"text": {"content": "好"}}),
        (Image("M"), {"image": {"media_id": "M"}}),
        (Voice("M"), {"voice": {"media_id": "M"}}),
        (Video("M", "T", "题", "话"), {"video": {"media_id": "M", "thumb_media_id": "T", "title": "题", "description": "话"}}),
        (
            Music("题", "话", "http://a", "http://b", "T"),
            {"music": {"title": "题", "description": "话", "musicurl": "http://a", "hqmusicurl": "http://b", "thumb_media_id": "T"}},
        ),
        (
            News("题", "话", "http://a", "http://p"),
            {"news": {"articles": [{"title": "题", "description": "话", "url": "http://a", "picurl": "http://p"}]}},
        ),
        (
            MenuMessage("问", (("1", "是"),)),
            {"msgmenu": {"head_content": "问", "list": [{"id": "1", "content": "是"}], "tail_content": ""}},
        ),
        (
            MiniProgramPage("题", "wxmini", "pages/a?b=1", "T"),
            {"miniprogrampage": {"title": "题", "appid": "wxmini", "pagepath": "pages/a?b=1", "thumb_media_id": "T"}},
        ),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_every_kind_goes_out(
    platform: Platform, session: aiohttp.ClientSession, message: Message, part: dict[str, object]
) -> None:
    assert await make_way(platform, session).client.send("oA", message, "kf1@shop") == Sent()
    assert _sent(platform) == [{"touser": "oA", "msgtype": next(iter(part)), "customservice": {"kf_account": "kf1@shop"}, **part}]


@pytest.mark.parametrize(
    ("message", "account"),
    [
        (AGENT, "kf1@shop"),
        (OutgoingText("b", "好", speaker="老王", speaker_id="u_2"), "kf2@shop"),
        (OutgoingText("b", "好", speaker="新人", speaker_id="u_3"), "kf9@shop"),
        (HELLO, None),
    ],
    ids=["by name", "by id", "any other", "the bot"],
)
async def test_the_subscriber_sees_who_speaks(
    platform: Platform, session: aiohttp.ClientSession, message: OutgoingText, account: str | None
) -> None:
    sender = make_way(platform, session, desk=AccountDesk(kf_accounts=KF_ACCOUNTS)).sender
    assert await sender.send(TO, message) == Sent()
    assert _sent(platform)[0].get("customservice") == ({"kf_account": account} if account else None)


@pytest.mark.parametrize("code", [65400, 65401, 65402, 65415])
async def test_a_speaker_wechat_does_not_know_speaks_as_the_account(
    platform: Platform, session: aiohttp.ClientSession, code: int
) -> None:
    counts = Counter[str]()
    sender = make_way(platform, session, desk=AccountDesk(kf_accounts=KF_ACCOUNTS), counts=counts).sender
    platform.errcodes = [code]
    assert await sender.send(TO, AGENT) == Sent()
    assert ["customservice" in body for body in _sent(platform)] == [True, False]
    assert counts[f"kf_account_refused.{code}"] == 1


@pytest.mark.parametrize("code", [40007, 40004])
async def test_a_dead_media_id_is_made_again_once(platform: Platform, session: aiohttp.ClientSession, code: int) -> None:
    client = make_way(platform, session).client
    platform.errcodes = [code]
    assert await client.send("oA", Image("OLD", PICTURE)) == Sent()
    assert platform.uploads == [("image", "a.png", b"\x89PNG")]
    assert [body["image"] for body in _sent(platform)] == [{"media_id": "OLD"}, {"media_id": "MEDIA1"}]
    platform.errcode = code
    result = await client.send("oA", Image("OLD", PICTURE))
    assert (result.code, result.do) == (str(code), Do.UPLOAD)  # type: ignore[union-attr]
    assert len(platform.uploads) == 2


async def test_an_image_without_an_id_is_uploaded_first(platform: Platform, session: aiohttp.ClientSession) -> None:
    assert await make_way(platform, session).client.send("oA", Image(source=PICTURE)) == Sent()
    assert [body["image"] for body in _sent(platform)] == [{"media_id": "MEDIA1"}]


async def test_a_text_that_is_too_long_for_wechat_goes_out_in_parts_and_says_so(
    platform: Platform, sender: CustomerServiceSender
) -> None:
    platform.errcodes = [45002]
    text = "您本月话费为 1,234.56 元。" * 40
    assert await sender.send(TO, OutgoingText("b_1", text)) == Sent(messages=2)
    first, second = (str(body["text"]["content"]) for body in _sent(platform)[1:])  # type: ignore[index]
    assert first + second == text


async def test_a_text_whose_beginning_is_out_is_never_sent_again(platform: Platform, sender: CustomerServiceSender) -> None:
    platform.errcodes = [45002, 0, 45047]
    assert await sender.send(TO, OutgoingText("b_1", "很长。" * 200)) == Unknown("1 of 2 parts, then 45047", messages=1)
    assert len(platform.bodies) == 3
