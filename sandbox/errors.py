"""Everything the sandbox refuses or fails at.

SandboxError
├── ConfigError      the configuration file is missing or wrong: one sentence, exit 2
├── ScriptRefusal    a call at the scripting door that cannot be done: JSON with one sentence
├── PlatformRefusal  a call at WeChat's side that WeChat would refuse: HTTP 200 with errcode and errmsg
├── ReplyMalformed   the callback's answer is none that WeChat understands: the subscriber sees the fault notice
└── CallbackUnanswered  the callback gave no answer in time: the delivery is repeated
"""

# errcode -> errmsg. Source: reference pages of WeChat's global return codes; wording shortened.
ERRMSG = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40066: "invalid url",
    40125: "invalid appsecret",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    42001: "access_token expired",
    43002: "require POST method",
    43004: "require subscribe",
    44002: "empty post data",
    44004: "empty content",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45072: "invalid command",
    45080: "no message exchanged recently",
    45081: "already typing",
    47001: "data format error",
    48001: "api unauthorized",
    65401: "invalid customer service account",
}


class SandboxError(Exception):
    """Root of the sandbox's own errors."""


class ConfigError(SandboxError):
    """The configuration cannot be used; the text is one sentence for the person who starts the sandbox."""


class ScriptRefusal(SandboxError):
    """The scripting door cannot do what was asked.

    Args:
        message: one sentence that says what to change.
        code: a word for scripts.
        status: HTTP status.
    """

    def __init__(self, message: str, *, code: str = "bad_request", status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status


class PlatformRefusal(SandboxError):
    """WeChat's answer with an errcode other than 0."""

    def __init__(self, errcode: int, errmsg: str | None = None) -> None:
        super().__init__(errcode)
        self.errcode = errcode
        self.errmsg = errmsg or ERRMSG.get(errcode, "error")


class ReplyMalformed(SandboxError):
    """The callback answered, but not with anything WeChat accepts; the text says what is wrong with it."""


class CallbackUnanswered(SandboxError):
    """No answer within the limit, or no connection; the text says which."""
