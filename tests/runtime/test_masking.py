"""What is shown of a private value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.masking import mask_name, mask_phone, mask_text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的号是17900000001谢谢", "我的号是179****0001谢谢"),
        ("+86 179-0000-0001", "179****0001"),
        ("179 0000 0001", "179****0001"),
        ("验证码 123456", "验证码 ******"),
        ("证件11010519491231002X", "证件[证件002X]"),
        ("订单2026112200017", "订单[号码0017]"),
        ("2026年11月，32.80元，10GB，300分钟", "2026年11月，32.80元，10GB，300分钟"),
        ("", ""),
    ],
)
def test_numbers_in_a_sentence(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@given(st.from_regex(r"\A1[3-9]\d{9}\Z"), st.text(max_size=8).filter(lambda one: not any(c.isdigit() for c in one)))
def test_no_phone_number_survives(phone: str, around: str) -> None:
    assert phone not in mask_text(f"{around}{phone}{around}")


def test_parts() -> None:
    assert mask_phone("17900000001") == "179****0001"
    assert mask_phone("123") == "***"
    assert mask_name("张小林") == "张**"
    assert mask_name("张") == "张*"
