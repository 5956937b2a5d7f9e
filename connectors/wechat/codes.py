"""What WeChat's error codes mean, and what is done about each: the one table.

Sources: developers.weixin.qq.com, "Global Return Code", "Send Customer Messages", "api_typing", the pages of customer-service accounts,
tags and materials; 45011, 45083, 48004 and 50002 are from memory. Numbers repeat between calls; what is done is meant for messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Do(StrEnum):
    """What follows from a refusal. In every case nothing was sent."""

    BACK_OFF = "back_off"
    """Ask again in a moment, a few times."""
    REFRESH = "refresh"
    """Another token, once, and the same call once more."""
    HOLD = "hold"
    """Keep it for the subscriber's next message."""
    UNFOLLOWED = "unfollowed"
    """Drop it, and all else until they follow again."""
    DROP = "drop"
    """This message will never go."""
    SPLIT = "split"
    """In smaller parts."""
    UPLOAD = "upload"
    """The material is gone: upload it again, once."""
    NAMELESS = "nameless"
    """Once more, without the agent's customer-service account."""
    STOP = "stop"
    """No message of the account goes out; one is tried now and then."""
    STOP_TODAY = "stop_today"
    """No message of the account goes out before midnight."""


@dataclass(frozen=True)
class Code:
    """One errcode."""

    meaning: str
    do: Do


OK = 0
REFUSED_TOKENS = frozenset({40001, 40014, 41001, 42001})
OVER_LIMIT_TODAY = 45009

CODES: Mapping[int, Code] = {
    -1: Code("the platform is busy", Do.BACK_OFF),
    40001: Code("the token is wrong or not the latest", Do.REFRESH),
    40002: Code("the grant type is wrong", Do.STOP),
    40003: Code("no such openid in this account", Do.DROP),
    40004: Code("wrong kind of media, or it is gone", Do.UPLOAD),
    40007: Code("the media id is unknown, or older than three days", Do.UPLOAD),
    40008: Code("wrong kind of message", Do.DROP),
    40013: Code("the app id is unknown", Do.STOP),
    40014: Code("the token is none", Do.REFRESH),
    40033: Code("the body holds escapes", Do.DROP),
    40125: Code("the secret is wrong", Do.STOP),
    40164: Code("this machine's address is not on the white list", Do.STOP),
    40243: Code("the secret is frozen", Do.STOP),
    41001: Code("the token is missing", Do.REFRESH),
    41002: Code("the app id is missing", Do.STOP),
    41004: Code("the secret is missing", Do.STOP),
    42001: Code("the token has expired", Do.REFRESH),
    43004: Code("the receiver does not follow the account", Do.UNFOLLOWED),
    43019: Code("the receiver is on the black list", Do.DROP),
    43101: Code("the receiver has not agreed to such messages", Do.DROP),
    44001: Code("the media is empty", Do.DROP),
    44002: Code("the body is empty", Do.DROP),
    44003: Code("the articles are empty", Do.DROP),
    44004: Code("the text is empty", Do.DROP),
    45002: Code("the text is too long", Do.SPLIT),
    45009: Code("the day's calls are used up", Do.STOP_TODAY),
    45011: Code("too many calls in this minute", Do.BACK_OFF),
    45015: Code("more than 48 hours after the subscriber's last message", Do.HOLD),
    45047: Code("too many messages since the subscriber's last one", Do.HOLD),
    45056: Code("too many tags", Do.DROP),
    45057: Code("the tag has too many followers to be deleted", Do.DROP),
    45058: Code("the tag is one of WeChat's own", Do.DROP),
    45064: Code("the menu entry may not be made", Do.DROP),
    45072: Code("no such typing command", Do.DROP),
    45080: Code("typing needs a message within the last 30 seconds", Do.DROP),
    45081: Code("typing is shown already", Do.DROP),
    45083: Code("typing is refused", Do.DROP),
    45157: Code("the tag's name is taken or not allowed", Do.DROP),
    45158: Code("the tag's name is too long", Do.DROP),
    45159: Code("no such tag", Do.DROP),
    47001: Code("the body is no JSON", Do.DROP),
    48001: Code("the account may not use this call", Do.STOP),
    48004: Code("the call is banned for this account", Do.STOP),
    48006: Code("the month's clearings of the quota are used up", Do.STOP_TODAY),
    50002: Code("the receiver's account is limited", Do.DROP),
    50004: Code("the account may not use this call", Do.STOP),
    50007: Code("the account is frozen", Do.STOP),
    61450: Code("the platform failed", Do.BACK_OFF),
    61451: Code("a wrong parameter of a customer-service account", Do.NAMELESS),
    61452: Code("a wrong customer-service account", Do.NAMELESS),
    61453: Code("the customer-service account exists", Do.DROP),
    61454: Code("the customer-service account's name is too long", Do.NAMELESS),
    61455: Code("the customer-service account's name holds forbidden signs", Do.NAMELESS),
    61456: Code("too many customer-service accounts", Do.DROP),
    61457: Code("the picture of a customer-service account is of a wrong kind", Do.DROP),
    61458: Code("another agent serves this subscriber", Do.NAMELESS),
    61459: Code("the customer-service account is offline", Do.NAMELESS),
    65400: Code("customer service is not switched on", Do.NAMELESS),
    65401: Code("a wrong customer-service account", Do.NAMELESS),
    65402: Code("the customer-service account is not bound", Do.NAMELESS),
    65403: Code("the customer-service account's nickname is not allowed", Do.NAMELESS),
    65404: Code("the customer-service account is not allowed", Do.NAMELESS),
    65405: Code("too many customer-service accounts", Do.DROP),
    65406: Code("the customer-service account exists", Do.DROP),
    65407: Code("who is invited is an agent already", Do.DROP),
    65408: Code("who is invited was invited already", Do.DROP),
    65409: Code("no such WeChat id", Do.DROP),
    65410: Code("who is invited is bound to too many accounts", Do.DROP),
    65411: Code("an invitation of this account is open", Do.DROP),
    65412: Code("the customer-service account is bound already", Do.DROP),
    65413: Code("no session with this subscriber", Do.NAMELESS),
    65414: Code("another agent serves this subscriber", Do.NAMELESS),
    65415: Code("the customer-service account is offline", Do.NAMELESS),
    89503: Code("this machine's address waits for the administrator's yes", Do.STOP),
}

_UNKNOWN = Code("not in the table", Do.DROP)


def code_of(errcode: int) -> Code:
    """A code that is not in the table is a no to this one message: it ends as refused, for the agent to see."""
    return CODES.get(errcode, _UNKNOWN)
