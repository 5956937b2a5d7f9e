"""What each of WeChat's deliveries is answered, and how a chat is handed to WeChat's own desk."""

import asyncio

import pytest
from wechatpy.replies import TransferCustomerServiceReply

from connectors.wechat.codec import read_fields
from connectors.wechat.webhook import Webhook
from conversations.model import Transfer
from runtime.clock import FakeClock
from runtime.desk_settings import AccountDesk
from tests.connectors.wechat.doubles import QUICKLY, make_webhook, opened_reply, plain_query, safe_call, text_xml


async def _deliver(webhook: Webhook, clock: FakeClock, number: int, created: int) -> tuple[int, str]:
    return await webhook.receive(*safe_call(text_xml("查话费", created=created), clock, nonce=f"n{number}"))


@pytest.mark.parametrize("deliveries", [3, 4])
async def test_an_account_that_may_not_send_waits_for_the_repeats_and_answers_the_third(deliveries: int) -> None:
    webhook, inbox, clock, counts = make_webhook("请稍后", kind="subscription")
    inbox.slow = True
    created = int(clock.now().timestamp())
    answers = []
    for number in range(deliveries):
        answers.append(await _deliver(webhook, clock, number, created))
        clock.advance(5)
    # the first two are held until WeChat has cut them off, the others are answered before it would
    assert [status for status, _ in answers] == [503, 503, 200, 200][:deliveries]
    assert all("请稍后" in opened_reply(body) for _, body in answers[2:])
    assert all(held > 5 for held in inbox.held[:2])
    assert all(held <= 4.5 for held in inbox.held[2:])
    assert (len(inbox.messages), counts["left_unanswered"]) == (1, 2)


async def test_an_answer_in_time_goes_out_with_whichever_delivery_is_held() -> None:
    webhook, _, clock, _ = make_webhook("好的", kind="subscription")
    status, body = await _deliver(webhook, clock, 1, int(clock.now().timestamp()))
    assert (status, "好的" in opened_reply(body)) == (200, True)


async def test_deliveries_that_never_arrived_count_by_the_messages_age() -> None:
    webhook, inbox, clock, _ = make_webhook("请稍后", kind="subscription")
    inbox.slow = True
    created = int(clock.now().timestamp())
    clock.advance(5)
    assert (await _deliver(webhook, clock, 1, created))[0] == 503
    clock.advance(5)
    assert (await _deliver(webhook, clock, 2, created))[0] == 200


@pytest.mark.parametrize("off_s", [-200, 200])
async def test_a_clock_that_is_off_takes_no_first_delivery_for_the_last(off_s: int) -> None:
    webhook, inbox, clock, _ = make_webhook("请稍后", kind="subscription")
    inbox.slow = True
    created = int(clock.now().timestamp())
    calls = []
    for number in range(3):
        calls.append(safe_call(text_xml("查话费", created=created), clock, nonce=f"n{number}"))
        clock.advance(5)
    clock.advance(off_s)
    assert [(await webhook.receive(*call))[0] for call in calls] == [503, 503, 200]


async def test_what_cannot_be_stored_at_once_is_stored_a_moment_later() -> None:
    webhook, inbox, clock, counts = make_webhook("好的", QUICKLY)
    inbox.refuses = 3
    status, body = await _deliver(webhook, clock, 1, int(clock.now().timestamp()))
    assert (status, "好的" in opened_reply(body), counts["stored_later"], counts["hung_up"]) == (200, True, 3, 0)


async def test_what_cannot_be_stored_is_left_hanging_until_wechat_has_cut_it_off() -> None:
    webhook, inbox, clock, counts = make_webhook("好的", QUICKLY)
    inbox.refuses = 1_000_000
    began = asyncio.get_running_loop().time()
    assert await _deliver(webhook, clock, 1, int(clock.now().timestamp())) == (503, "")
    assert asyncio.get_running_loop().time() - began >= QUICKLY.cut_s
    assert (inbox.messages, counts["accepted"], counts["hung_up"]) == ([], 0, 1)
    inbox.refuses = 0
    assert (await _deliver(webhook, clock, 2, int(clock.now().timestamp())))[0] == 200
    assert (len(inbox.messages), counts["accepted"], counts["repeated"]) == (1, 1, 0)


async def test_an_answer_that_cannot_be_decided_is_asked_for_again() -> None:
    webhook, inbox, clock, _ = make_webhook("好的", QUICKLY)
    inbox.undecidable = True
    assert await _deliver(webhook, clock, 1, int(clock.now().timestamp())) == (503, "")
    inbox.undecidable = False
    status, body = await _deliver(webhook, clock, 2, int(clock.now().timestamp()))
    assert (status, "好的" in opened_reply(body), len(inbox.messages)) == (200, True, 1)


async def test_an_account_that_may_send_answers_every_delivery() -> None:
    webhook, inbox, clock, _ = make_webhook(None)
    inbox.slow = True
    created = int(clock.now().timestamp())
    assert [await _deliver(webhook, clock, number, created) for number in range(3)] == [(200, "success")] * 3


@pytest.mark.parametrize(
    ("desk", "skill", "named"),
    [
        (AccountDesk(native=True), "billing", None),
        (AccountDesk(native=True, kf_accounts=(("default", "kf1@x"),)), "billing", "kf1@x"),
        (AccountDesk(native=True, kf_accounts=(("default", "kf1@x"), ("billing", "kf2@x"))), "billing", "kf2@x"),
        (AccountDesk(native=True, kf_accounts=(("billing", "kf2@x"),)), "general", None),
    ],
)
async def test_a_transfer_names_whom_it_is_for(desk: AccountDesk, skill: str, named: str | None) -> None:
    webhook, _, clock, _ = make_webhook(Transfer(skill), desk=desk)
    status, body = await webhook.receive(*safe_call(text_xml("人工"), clock))
    fields = read_fields(opened_reply(body))
    assert (status, fields["MsgType"], fields["ToUserName"], fields["FromUserName"]) == (
        200, "transfer_customer_service", "oTESTaaaa", "gh_demo",
    )  # fmt: skip
    assert fields.get("TransInfo") == (None if named is None else {"KfAccount": named})
    assert "Content" not in fields


async def test_a_transfer_is_read_by_a_stranger_as_one() -> None:
    webhook, _, clock, _ = make_webhook(Transfer("general"), mode="plain", desk=AccountDesk(native=True))
    _, body = await webhook.receive(plain_query(clock), text_xml("人工").encode())
    theirs = TransferCustomerServiceReply(source="gh_demo", target="oTESTaaaa", time=int(clock.now().timestamp()))
    assert read_fields(body) == read_fields(theirs.render())


async def test_an_event_says_when_it_happened() -> None:
    webhook, inbox, clock, _ = make_webhook(None, mode="plain")
    xml = text_xml("").replace("<![CDATA[text]]>", "<![CDATA[event]]>").replace("</xml>", "<Event>CLICK</Event></xml>")
    assert await webhook.receive(plain_query(clock), xml.encode()) == (200, "success")
    assert inbox.messages[0].extra["sent_at"] == 1409735669
