"""Everything the sandbox refuses or fails at.

SandboxError
├── ConfigError      the configuration file is missing or wrong: one sentence, exit 2
├── ScriptRefusal    a call at the scripting door that cannot be done: JSON with one sentence
├── PlatformRefusal  a call at WeChat's side that WeChat would refuse: HTTP 200 with errcode and errmsg
├── ReplyMalformed   the callback's answer is none that WeChat understands: the subscriber sees the fault notice
└── CallbackUnanswered  the callback gave no answer in time: the delivery is repeated
"""

from sandbox.platform.errcodes import ERRMSG


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
