"""Showing enough of a private value to recognise it, and no more. Convention: 3 + 4 of a phone number, 4 of an id's tail."""

import re

_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1\d{2})[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
_ID_CARD = re.compile(r"(?<!\d)\d{13,14}(\d{3}[\dXx])(?!\d)")
_LONG = re.compile(r"(?<!\d)\d{8,12}(\d{4})(?!\d)")
_CODE = re.compile(r"(?<![\d.])\d{6}(?![\d.])")


def mask_phone(phone: str) -> str:
    """"17900000001" becomes "179****0001"; anything too short becomes stars."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "*" * len(phone)


def mask_name(name: str) -> str:
    """Surname first: 张小林 becomes 张**."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def mask_text(text: str) -> str:
    """Masks phone numbers, identity and card numbers and six-digit codes inside a sentence."""
    text = _ID_CARD.sub(lambda found: f"[证件{found[1]}]", text)
    text = _PHONE.sub(lambda found: f"{found[1]}****{found[3]}", text)
    text = _LONG.sub(lambda found: f"[号码{found[1]}]", text)
    return _CODE.sub("******", text)
