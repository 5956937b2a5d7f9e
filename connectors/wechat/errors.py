"""What can be wrong with a callback, and with a call to WeChat.

    Refusal
    └── Anomalous              someone else is talking to us: 403, counted, nothing told
        ├── BadSignature       a signature that this account's token does not make
        ├── Stale              a timestamp outside the window: an old callback played again
        ├── WrongMode          not the mode this account is set to (no downgrade)
        ├── BadCipher          what cannot be decrypted: padding, length, another app id
        └── BadBody            not one flat XML message: broken, entities, duplicate elements
    Fault
    └── PlatformFault          WeChat did not answer, or not as it promises
        ├── Unreached          no connection was made: nothing was asked, nothing done
        ├── CallRefused        WeChat said no to a call; `errcode` says why
        └── TokenFault         no access token is to be had
            ├── TokenRefused   WeChat refuses one: wrong secret, IP not on the white list
            ├── TokenUnusable  a token that WeChat gave is refused by WeChat, and so is the one after it
            └── TokenPaced     asked too often: none is asked for now

None of them tells a secret, a token or an address with one in it: messages are made of names and codes only.
"""

from runtime.errors import Fault, Refusal


class Anomalous(Refusal):
    """A callback that WeChat would not send."""

    code = "anomalous"


class BadSignature(Anomalous):
    """The signature is missing or wrong."""

    code = "bad_signature"


class Stale(Anomalous):
    """The timestamp is too far from now."""

    code = "stale"


class WrongMode(Anomalous):
    """Plain where cipher is agreed, or the reverse."""

    code = "wrong_mode"


class BadCipher(Anomalous):
    """Cannot be decrypted, or is meant for another app id."""

    code = "bad_cipher"


class BadBody(Anomalous):
    """Not a message this protocol knows how to read."""

    code = "bad_body"


class PlatformFault(Fault):
    """WeChat is away or answers with something that is no answer."""


class Unreached(PlatformFault):
    """No connection came about: whatever was to be done has not been done."""


class CallRefused(PlatformFault):
    """WeChat refuses a call; nothing was done. `address`: this machine's, when WeChat names it (40164)."""

    def __init__(self, call: str, errcode: int, address: str = "") -> None:
        self.call = call
        self.errcode = errcode
        self.address = address
        super().__init__(f"WeChat refuses {call} (errcode {errcode})")


class TokenFault(PlatformFault):
    """No access token is to be had. `code` names why: an errcode, or a word. `wait_s`: not worth trying before, in seconds."""

    def __init__(self, message: str, code: str, wait_s: float = 0.0) -> None:
        self.code = code
        self.wait_s = wait_s
        super().__init__(message)


class TokenRefused(TokenFault):
    """WeChat refuses an access token; `errcode` says why."""

    def __init__(self, errcode: int) -> None:
        self.errcode = errcode
        super().__init__(f"WeChat refuses an access token (errcode {errcode})", str(errcode))


class TokenUnusable(TokenFault):
    """WeChat refuses the token it gave, and a forced refresh did not help or may not be made now."""

    def __init__(self, errcode: int, wait_s: float = 0.0) -> None:
        self.errcode = errcode
        super().__init__(f"WeChat refuses the access token it gave (errcode {errcode})", str(errcode), wait_s)


class TokenPaced(TokenFault):
    """A token was asked for so often, by whatever process, that it is not asked for now."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"no token is asked for within the next {wait_s:.0f} s", "token_paced", wait_s)
