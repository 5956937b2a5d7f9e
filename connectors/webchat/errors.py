"""What a call of the web chat is refused for.

    Refusal
    └── CallRefused             answered with its status and code; nothing is stored
        ├── BadCall             400  the body is not what the call takes; `code` says in what
        ├── NoSession           401  no token, or one that was not made here, not for this account, or changed on its way
        ├── SessionExpired      401  made here, and too old
        ├── SessionEnded        401  its visitor has ended the chat and had it erased
        ├── NoPicture           404  none in that line of theirs
        ├── TooLong             413  a text of more characters than one message may have
        └── TooMany             429  more calls than one visitor or one address may make; says when to come back
"""

from runtime.errors import Refusal


class CallRefused(Refusal):
    """A call that is answered with a status of its own."""

    status = 400


class BadCall(CallRefused):
    """Not what the call takes."""

    code = "bad_request"


class NoSession(CallRefused):
    """Nobody we know."""

    status = 401
    code = "no_session"


class SessionExpired(CallRefused):
    """Somebody we knew."""

    status = 401
    code = "session_expired"


class SessionEnded(CallRefused):
    """Somebody who asked to be forgotten."""

    status = 401
    code = "session_ended"


class NoPicture(CallRefused):
    """None in that line of theirs."""

    status = 404
    code = "no_picture"


class TooLong(CallRefused):
    """More than one message may hold."""

    status = 413
    code = "text_too_long"


class TooMany(CallRefused):
    """Too many calls; `wait_s` seconds later there is room again."""

    status = 429
    code = "too_many"

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        super().__init__("too many calls; wait a little")
