"""What an agent reads of what a subscriber wrote: no code, no whole number."""

from conversations.adapters.reading import Reading
from conversations.model import Author
from conversations.rows import Line
from runtime.clock import FakeClock
from runtime.keys import Keyring


def _line(author: Author, text: str) -> Line:
    return Line(position=1, author=author, text=text, at=FakeClock().now(), status="received")


def test_codes_and_numbers_of_subscribers_are_masked_and_agents_words_are_not() -> None:
    reading = Reading(Keyring(b"1" * 32, b"2" * 32))
    shown = reading._shown(_line(Author.SUBSCRIBER, "验证码 444548，号码17900000001"))
    assert shown.text == "验证码 ******，号码179****0001"
    assert reading._shown(_line(Author.AGENT, "请拨 12345678")).text == "请拨 12345678"
