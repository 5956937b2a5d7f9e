"""What identity refuses.

    runtime.errors.Refusal
    └── IdentityRefusal
        ├── NotBound           no line is bound to this openid (or not that one)
        ├── ProofNeeded        the line is bound, a fresh one-time code is missing
        ├── ConsentMissing     the consent notice has not been accepted
        ├── NumberNotServed    not a phone number, or not one of this account's lines
        ├── CodeTooSoon        the last code is younger than 60 s
        ├── CodeLimitReached   too many codes today for this openid or this number
        ├── CodeNotSent        the gateway did not take the message; the code is void, another may be asked for at once
        ├── NoCodeSent         no code is under way for this openid and number
        ├── CodeWrong          not the code; tries are left
        ├── CodeExpired        older than 5 minutes
        └── CodeSpent          used before, or all tries are used up
"""

from runtime.errors import Refusal


class IdentityRefusal(Refusal):
    """Root of identity's refusals."""


class NotBound(IdentityRefusal):
    """No line is bound to this openid."""

    code = "not_bound"


class ProofNeeded(IdentityRefusal):
    """`level` is the level asked for, `masked` the line whose number gets the code."""

    code = "proof_needed"

    def __init__(self, level: int, masked: str) -> None:
        self.level = level
        self.masked = masked
        super().__init__(f"level {level} is not proved")


class ConsentMissing(IdentityRefusal):
    """A code goes out only after the consent notice has been accepted."""

    code = "consent_missing"


class NumberNotServed(IdentityRefusal):
    """Not a phone number of this account's subscribers."""

    code = "number_not_served"


class CodeTooSoon(IdentityRefusal):
    """Another code may be asked for in `wait_s` seconds."""

    code = "code_too_soon"

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"wait {wait_s} s")


class CodeLimitReached(IdentityRefusal):
    """No more codes today."""

    code = "code_limit_reached"


class CodeNotSent(IdentityRefusal):
    """The gateway failed; nothing is counted against the subscriber's 60 s."""

    code = "code_not_sent"


class NoCodeSent(IdentityRefusal):
    """There is no code to compare with."""

    code = "no_code_sent"


class CodeWrong(IdentityRefusal):
    """Not the code. `tries_left` is 1 to 4."""

    code = "code_wrong"

    def __init__(self, tries_left: int) -> None:
        self.tries_left = tries_left
        super().__init__(f"{tries_left} tries left")


class CodeExpired(IdentityRefusal):
    """The code is older than it may be."""

    code = "code_expired"


class CodeSpent(IdentityRefusal):
    """The code was used before, or its tries are used up."""

    code = "code_spent"
