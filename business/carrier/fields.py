"""The kinds of values a file of subscribers is made of. Every scalar comes as text; `now` is in the validation context."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, ValidationInfo

from business.carrier.amounts import read_fen, read_measure
from business.carrier.moments import read_moment, read_month

UNLIMITED = "unlimited"
_NUMBER = re.compile(r"1[3-9][0-9]{9}")
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,8})?")
_NUMBER_INSIDE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")


def now_of(info: ValidationInfo) -> datetime:
    """The moment of loading."""
    now: datetime = (info.context or {})["now"]
    return now


def clear_name(value: str) -> str:
    """For what is stored in clear. Raises ValueError for a text with a phone number in it."""
    if _NUMBER_INSIDE.search(value):
        raise ValueError("must not hold a phone number: it is stored in clear")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be one value, not a list or a mapping")
    return value


def _phone(value: Any) -> str:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise ValueError("must be an 11-digit mobile number such as 17900000001")
    return value


def _degrees(value: Any, most: int) -> float:
    if not isinstance(value, str) or not _DEGREES.fullmatch(value) or abs(float(value)) > most:
        raise ValueError(f"must be degrees from -{most} to {most}, such as 23.1291")
    return float(value)


Start = Annotated[datetime, PlainValidator(lambda value, info: read_moment(_text(value), now_of(info)))]
End = Annotated[datetime, PlainValidator(lambda value, info: read_moment(_text(value), now_of(info), end=True))]
Month = Annotated[str, PlainValidator(lambda value, info: read_month(_text(value), now_of(info)))]
Yuan = Annotated[int, PlainValidator(lambda value: read_fen(_text(value)))]
Measure = Annotated[tuple[int, str], PlainValidator(lambda value: read_measure(_text(value)))]
Phone = Annotated[str, PlainValidator(_phone)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,48}$"), AfterValidator(clear_name)]
Label = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(clear_name)]
Openid = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Amount = Annotated[str, BeforeValidator(_text)]
Latitude = Annotated[float, PlainValidator(lambda value: _degrees(value, 90))]
Longitude = Annotated[float, PlainValidator(lambda value: _degrees(value, 180))]
Scope = Literal["general", "local", "directed", "idle", "roaming"]
