import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.bubbles import clean, merge, pack, size, split

LIMIT = 2048


def test_three_thousand_characters_are_split_on_sentence_ends_and_nothing_is_lost() -> None:
    text = "".join(f"第{number:03}句话说的是您的账单明细。" for number in range(250))[:3000]
    parts = split(text, LIMIT)
    assert "".join(parts) == text
    assert all(size(part) <= LIMIT for part in parts)
    assert all(part.endswith("。") for part in parts[:-1])
    assert len(parts) == 4


def test_a_text_without_a_sentence_end_is_cut_between_characters() -> None:
    parts = split("流" * 3000, LIMIT)
    assert "".join(parts) == "流" * 3000
    assert [len(part) for part in parts] == [682, 682, 682, 682, 272]


@pytest.mark.parametrize("emoji", ["👨‍👩‍👧‍👦", "👍🏽", "❤️", "1️⃣", "é"])
def test_no_sign_is_torn_apart(emoji: str) -> None:
    for most in range(size(emoji), size(emoji) * 3 + 2):
        assert all(part == emoji * (len(part) // len(emoji)) for part in split(emoji * 20, most)), most


def test_a_sign_longer_than_the_limit_does_not_hang() -> None:
    assert "".join(split("👨‍👩‍👧‍👦", 8)) == "👨‍👩‍👧‍👦"


def test_cdata_end_and_markup_pass_as_text() -> None:
    assert split("a]]>b<xml>&amp;", LIMIT) == ("a]]>b<xml>&amp;",)


def test_what_no_channel_can_carry_is_taken_out() -> None:
    assert clean("a\x00b\x0b\r\nc\td\ud800e\ufffe") == "ab\nc\td\ufffde"
    assert clean("🎉") == "🎉"


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x00"])
def test_nothing_makes_no_bubble(text: str) -> None:
    assert split(text, LIMIT) == ()
    assert pack([text, text], LIMIT, count=3) == ()


def test_short_lines_are_joined_until_few_enough() -> None:
    assert pack(["一", "二", "很长的第三句", "四"], LIMIT, count=3) == ("一\n\n二", "很长的第三句", "四")


def test_lines_that_would_not_fit_together_stay_apart() -> None:
    long = "长" * 600
    assert pack([long] * 4, LIMIT, count=3) == (long,) * 4


def test_merging_leaves_empty_ones_out() -> None:
    assert merge(["一", " ", "二\n"]) == "一\n\n二"


@given(st.text(max_size=400), st.integers(16, 200))
def test_any_text_splits_into_parts_that_fit_and_keep_every_sign(text: str, most: int) -> None:
    parts = split(text, most)
    assert all(part and size(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(clean(text).split())
