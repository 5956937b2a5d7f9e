"""How subscribers say a product's name: 畅享59元套餐 is also 59块的套餐, 畅享五十九 and, where plans are spoken of, 换成59."""

import re
from typing import Iterator, List, Mapping, Tuple

from bot.nlu.numerals import HANZI_NUMBER, read_number

PLAN = re.compile(r"(?P<brand>\D*)(?P<price>\d+)元套餐")
_LEFT_OUT = re.compile(r"元(?=套餐)|元?套餐$")
_UNITS = ("", "元", "块", "块钱", "蚊")
_LINKS = ("", "的", "那个", "这个", "档", "档的", "嘅")
_TENS = "一二三四五六七八九"

_PRICE = rf"(?P<price>(?<![\d.])\d{{1,3}}|(?<![零一二三四五六七八九十百千万两几]){HANZI_NUMBER})"
_CHOSEN = re.compile(
    rf"(?:[换改降升转办订选](?:成|到|为|回|个|去|掉|做)?(?:那个|这个|那|咗)?"
    rf"|(?:gg|bg|hu?an)?tc ?|(?:套餐|plan) |(?:换|改|更改|变更)套餐 ){_PRICE}"
    r"(?P<unit>块钱|块|元|蚊)?(?![\d.gmk兆个天月年次分条折%积话号])"
)
_NAMED_BY_PRICE = re.compile(rf"(?<!个月)(?<!每月){_PRICE}(?=(?:的|那个|这个|那档|这档|档|嘅|嗰个)(?!流量|话费|费|月租|包|券|红包|钱))")
_OF_PLANS = re.compile(r"套餐|换|改|档|升级|降|plan|资费")
_OF_MONEY = re.compile(r"充|交|缴|扣|花了|余额|积分|发票|话费|到账|多收|收我|欠")
_FOLLOW_UP = 12
"""Characters of a message that may leave out what it speaks of (那39的呢)."""


def spoken(number: int) -> str:
    """59 → 五十九, 129 → 一百二十九; up to 999."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = f"{_TENS[hundreds - 1]}百" if hundreds else ""
    if tens:
        said += ("" if tens == 1 and not hundreds else _TENS[tens - 1]) + "十"
    elif hundreds and ones:
        said += "零"
    return said + (_TENS[ones - 1] if ones else "")


def written_ways(name: str) -> Iterator[str]:
    """The name itself, and what people make of it."""
    yield name
    yield _LEFT_OUT.sub("", name)
    yield name.replace("元套餐", "套餐")
    plan = PLAN.fullmatch(name)
    if plan is None or not 0 < int(plan.group("price")) < 1000:
        return
    brand = plan.group("brand")
    for price in (plan.group("price"), spoken(int(plan.group("price")))):
        yield from (f"{brand}{price}{unit}" for unit in _UNITS if brand)
        for unit in _UNITS:
            for link in _LINKS:
                yield f"{price}{unit}{link}套餐"
                if brand:
                    yield f"{brand}{price}{unit}{link}套餐"
                    yield f"{price}{unit}{link}{brand}套餐"


def plans_by_price(names: Mapping[str, str]) -> Mapping[int, str]:
    """Price in yuan → code, of prices that one plan only has."""
    found: List[Tuple[int, str]] = [
        (int(plan.group("price")), code) for name, code in names.items() if (plan := PLAN.fullmatch(name)) and plan.group("brand")
    ]
    codes = {price: {code for other, code in found if other == price} for price, _ in found}
    return {price: code for price, (code, *others) in codes.items() if not others}


def find_by_price(text: str, plans: Mapping[int, str]) -> Iterator[Tuple[int, int, str]]:
    """换成59, 那39的呢: a plan named by its price only, where plans and not sums are spoken of."""
    if not plans:
        return
    for match in _CHOSEN.finditer(text):
        code = _code(match.group("price"), plans)
        if code:
            yield match.start("price"), match.end(), code
    if (_OF_PLANS.search(text) or len(text) <= _FOLLOW_UP) and not _OF_MONEY.search(text):
        for match in _NAMED_BY_PRICE.finditer(text):
            code = _code(match.group("price"), plans)
            if code:
                yield match.start(), match.end(), code


def _code(said: str, plans: Mapping[int, str]) -> str:
    price = read_number(said)
    return plans.get(int(price), "") if price else ""
