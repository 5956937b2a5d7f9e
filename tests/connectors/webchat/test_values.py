"""Tokens, limits, callers, bodies: values in, values out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.webchat.calls import read_message, read_number
from connectors.webchat.errors import BadCall, CallRefused, NoSession, SessionExpired, TooLong, TooMany
from connectors.webchat.limits import Limit, find_caller
from connectors.webchat.lines import line_of, own_line, read_line
from connectors.webchat.settings import Rate
from connectors.webchat.tokens import Tokens
from conversations.model import Menu, OutgoingText
from runtime.clock import FakeClock
from runtime.keys import Keyring
from tests.connectors.contract import KEYS

LOOPBACK = ("127.0.0.1", "::1")


def test_a_token_is_good_for_its_account_until_its_time_is_over() -> None:
    clock = FakeClock()
    tokens = Tokens(KEYS, clock, 100)
    token, session = tokens.issue("demo")
    assert tokens.read("demo", token) == session
    assert len(session.openid) <= 64
    with pytest.raises(NoSession):
        tokens.read("other", token)
    clock.advance(100)
    with pytest.raises(SessionExpired):
        tokens.read("demo", token)


def test_every_visitor_has_a_name_of_their_own_and_keeps_it() -> None:
    tokens = Tokens(KEYS, FakeClock(), 100)
    names = {tokens.issue("demo")[1].openid for _ in range(200)}
    assert len(names) == 200
    assert tokens.issue("demo", "web_abcdefghijklmnopqrstuv")[1].openid == "web_abcdefghijklmnopqrstuv"


def test_another_deployments_token_is_none() -> None:
    token, _ = Tokens(Keyring(b"d" * 32, b"x" * 32), FakeClock(), 100).issue("demo")
    with pytest.raises(NoSession):
        Tokens(KEYS, FakeClock(), 100).read("demo", token)


@given(st.data())
def test_no_change_of_a_token_is_believed(data: st.DataObject) -> None:
    tokens = Tokens(KEYS, FakeClock(), 100)
    token, _ = tokens.issue("demo", "web_abcdefghijklmnopqrstuv")
    at = data.draw(st.integers(0, len(token) - 1))
    sign = data.draw(st.characters().filter(lambda one: one != token[at]))
    changed = data.draw(st.sampled_from([token[:at] + sign + token[at + 1 :], token[:at] + sign + token[at:], token[:at]]))
    with pytest.raises(NoSession):
        tokens.read("demo", changed)


def test_a_burst_is_let_through_and_then_so_many_a_second() -> None:
    clock = FakeClock()
    limit = Limit(Rate(3, 0.5), clock)
    for _ in range(3):
        limit.take("a")
    with pytest.raises(TooMany) as refused:
        limit.take("a")
    assert refused.value.wait_s == 2
    limit.take("b")
    clock.advance(1.9)
    with pytest.raises(TooMany):
        limit.take("a")
    clock.advance(0.1)
    limit.take("a")
    clock.advance(3600)
    for _ in range(3):
        limit.take("a")
    with pytest.raises(TooMany):
        limit.take("a")


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        # who is no proxy of ours may write what they like
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        ("127.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("127.0.0.1", ("6.6.6.6, 198.51.100.1",), "198.51.100.1"),
        ("127.0.0.1", ("6.6.6.6", "198.51.100.1"), "198.51.100.1"),
        ("127.0.0.1", ("6.6.6.6, 198.51.100.1, ::1",), "198.51.100.1"),
        ("127.0.0.1", ("nonsense",), "127.0.0.1"),
        ("127.0.0.1", ("",), "127.0.0.1"),
        ("::1", ("2001:db8:1:2:3:4:5:6",), "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", (), "203.0.113.9"),
    ],
)
def test_whose_call_it_is(peer: str, forwarded: tuple[str, ...], caller: str) -> None:
    assert find_caller(peer, forwarded, LOOPBACK) == caller


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_request"),
        (b"[]", "bad_request"),
        (b'{"text": "a"}', "bad_client_id"),
        (b'{"client_id": "", "text": "a"}', "bad_client_id"),
        (b'{"client_id": 7, "text": "a"}', "bad_client_id"),
        (b'{"client_id": "a b", "text": "a"}', "bad_client_id"),
        (b'{"client_id": "%s", "text": "a"}' % (b"a" * 65), "bad_client_id"),
        (b'{"client_id": "a"}', "bad_text"),
        (b'{"client_id": "a", "text": null}', "bad_text"),
        (b'{"client_id": "a", "text": " \\n "}', "text_empty"),
        (b'{"client_id": "a", "text": "\\u0000\\u0001"}', "text_empty"),
        (b'{"client_id": "a", "text": "a", "choice": ""}', "bad_choice"),
        (b'{"client_id": "a", "text": "a", "choice": "%s"}' % (b"c" * 129), "bad_choice"),
        (b'{"client_id": "a", "text": "%s"}' % (b"a" * 101), "text_too_long"),
    ],
)
def test_what_is_no_message_says_why(body: bytes, code: str) -> None:
    with pytest.raises(CallRefused) as refused:
        read_message(body, 100)
    assert refused.value.code == code
    assert isinstance(refused.value, TooLong if code == "text_too_long" else BadCall)


def test_a_message_is_as_long_as_it_may_be_in_characters() -> None:
    assert read_message(b'{"client_id": "a-_9", "text": "%s"}' % ("😀" * 100).encode(), 100).text == "😀" * 100


@pytest.mark.parametrize("value", ["", "-1", "1.0", "１", "9" * 16, "1 "])
def test_what_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(BadCall):
        read_number(value, "after")


def test_lines_come_back_as_they_were_kept() -> None:
    menu = Menu((("a:1", "满意"), ("a:2", "不满意")), "点一下\x00")
    for line in (own_line("c1", "你好 👩‍👧", "a:1"), line_of(OutgoingText("m_1", "您\ud800好", "小林", menu))):
        assert read_line(line.source, line.as_json()) == line
    assert line_of(OutgoingText("m_1", "您\ud800好", "小林", menu)).tail == "点一下"
    assert replace(own_line("c1", "x", None), source="") != line_of(OutgoingText("c1", "x"))
