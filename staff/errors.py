"""The staff side's refusals. Each code has its status and its sentences in texts/errors.yml.

    runtime.errors.Refusal
    └── StaffRefusal
        ├── BadRequest        the body or a parameter is not what the call takes; names the field
        ├── TooLong           a text is longer than a subscriber can be sent
        ├── NoPicture         what was sent as a picture is none that a subscriber can be sent
        ├── EmptyText         a text with nothing in it
        ├── NotSignedIn       no session, no token, or one that is over
        ├── BadCredentials    login and password do not belong together
        ├── TooManyAttempts   the limit of sign-ins for this login and address
        ├── TooManyStreams    more pages than one person has screens
        ├── BadCsrf           a page's call without its own token
        ├── Forbidden         the role does not go that far
        ├── MemberUnknown     no member of staff has this login (command line)
        ├── LoginTaken        another member of staff has this login (command line)
        └── BadMember         a login, role, account or password that cannot be (command line)
"""

from runtime.errors import Refusal


class StaffRefusal(Refusal):
    """Root of what the staff side refuses."""


class BadRequest(StaffRefusal):
    """The body or a parameter is not what the call takes. `field` names where."""

    code = "bad_request"

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


class TooLong(BadRequest):
    """A text is longer than a subscriber can be sent."""

    code = "text_too_long"


class EmptyText(BadRequest):
    """A text with nothing in it."""

    code = "text_empty"


class NoPicture(BadRequest):
    """What was sent as a picture is none that a subscriber can be sent."""

    code = "no_picture"


class NotSignedIn(StaffRefusal):
    """No session, no token, or one that is over."""

    code = "not_signed_in"


class BadCredentials(StaffRefusal):
    """Login and password do not belong together; which of the two is not told."""

    code = "bad_credentials"


class TooManyAttempts(StaffRefusal):
    """The limit of sign-ins for this login and address."""

    code = "too_many_attempts"


class TooManyStreams(StaffRefusal):
    """More event streams than one member of staff can have use for."""

    code = "too_many_streams"


class BadCsrf(StaffRefusal):
    """A page's call without its own token."""

    code = "bad_csrf"


class Forbidden(StaffRefusal):
    """The role does not go that far."""

    code = "forbidden"


class MemberUnknown(StaffRefusal):
    """No member of staff has this login."""

    code = "member_unknown"


class LoginTaken(StaffRefusal):
    """Another member of staff has this login."""

    code = "login_taken"


class BadMember(StaffRefusal):
    """A login, role, account or password that cannot be; the message says which and how to mend it."""

    code = "bad_member"
