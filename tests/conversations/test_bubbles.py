import pytest
from hypothesis import example, given
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


_WHOLES = (
    "1,234.56 元", "¥1,234.56", "138 0013 8000", "138-0013-8000", "+86 13800138000", "13800138000", "12.5GB", "2026年11月22日", "98.50%",
    "https://example.com/a?b=1&c=2", "20:30:15", "-12.30 元", "service@example.com",
    "👨‍👩‍👧‍👦", "🇨🇳", "🏴\U000e0067\U000e0062\U000e007f", "❤️",
)  # fmt: skip


@pytest.mark.parametrize("whole", _WHOLES)
@pytest.mark.parametrize("before", ["您本月话费是", "套餐", ""])
def test_what_is_read_as_one_is_never_torn(whole: str, before: str) -> None:
    text = "".join(f"{before}{whole}啊" for _ in range(30))
    for most in range(size(whole) + 4, 130):
        parts = split(text, most)
        assert "".join(parts) == text
        assert all(size(part) <= most for part in parts)
        assert sum(part.count(whole) for part in parts) == 30, most


@given(
    st.lists(st.one_of(st.sampled_from(_WHOLES), st.sampled_from(["的话费", "。", "，", "\n", "流量 ", "！”", "……"])), max_size=60),
    st.integers(48, 200),
)
@example(words=["1,234.56 元", "138 0013 8000", "service@example.com"], most=48)
def test_no_mixture_is_torn_and_nothing_is_lost(words: list[str], most: int) -> None:
    text = "啊".join(words)
    parts = split(text, most)
    assert all(part and size(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    for whole in _WHOLES:
        if whole not in ("13800138000", "❤️"):
            assert sum(part.count(whole) for part in parts) == text.count(whole), whole


def test_a_paragraph_ends_before_a_sentence_and_a_sentence_before_a_clause() -> None:
    assert split("一句话，还有半句。再一句。\n\n新的一段，半句，没有完", 60) == ("一句话，还有半句。再一句。", "新的一段，半句，没有完")
    assert split("第一句话，还有半句。第二句，这里很长很长很长", 45)[0] == "第一句话，还有半句。"
    assert split("没有句号的话，后半句也很长很长很长很长", 40)[0] == "没有句号的话，"


def test_quotes_stay_with_their_sentence() -> None:
    assert split("他说：“今天的账单出来了。”我说：“好的，谢谢您。”", 45)[0].endswith("。”")


def test_a_number_longer_than_the_limit_is_cut_all_the_same() -> None:
    parts = split("1" * 5000, LIMIT)
    assert "".join(parts) == "1" * 5000
    assert [size(part) for part in parts] == [2048, 2048, 904]


@given(st.text(alphabet=st.sampled_from("👨\u200d👩👍🏽🇨🇳é\u0301\ufe0f1,. 元a"), max_size=120), st.integers(8, 60))
def test_strange_signs_never_hang_nor_get_lost(text: str, most: int) -> None:
    parts = split(text, most)
    assert all(part and size(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_two_figures_side_by_side_are_two() -> None:
    for most in range(8, 60):
        assert sum(part.count("12GB") for part in split("1元12GB" * 10, most)) == 10, most
