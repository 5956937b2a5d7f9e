"""Who is asking: sessions of the pages, tokens of scripts."""

import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select

from runtime.clock import Clock
from runtime.database import Database
from runtime.keys import Keyring
from staff.accounts import Member, member_from
from staff.attempts import Attempts
from staff.audit import record_action
from staff.errors import BadCredentials, BadCsrf, NotSignedIn
from staff.passwords import Passwords, hash_key, make_key
from staff.settings import StaffSettings
from staff.tables import staff_member, staff_session, staff_token

_BY_LOGIN = select(staff_member).where(staff_member.c.login == bindparam("wanted"))
_BY_SESSION = (
    select(staff_member, staff_session.c.csrf, staff_session.c.expires_at)
    .join(staff_session, staff_session.c.member_id == staff_member.c.member_id)
    .where(staff_session.c.session_hash == bindparam("hashed"))
)
_BY_TOKEN = (
    select(staff_member)
    .join(staff_token, staff_token.c.member_id == staff_member.c.member_id)
    .where(staff_token.c.token_hash == bindparam("hashed"), staff_token.c.revoked_at.is_(None))
)
_LONGEST_KEY = 200


@dataclass(frozen=True)
class SignedIn:
    """Whoever makes a call. `csrf` is None for a token's calls: they carry no cookie that another site could ride on."""

    member: Member
    csrf: str | None


class Sessions:
    """Signing in and out, and telling who a key belongs to."""

    def __init__(self, db: Database, keyring: Keyring, clock: Clock, settings: StaffSettings, passwords: Passwords) -> None:
        self._db = db
        self._keyring = keyring
        self._clock = clock
        self._settings = settings
        self._passwords = passwords
        self._attempts = Attempts(clock, settings.login_window_s)

    async def sign_in(self, login: str, password: str, address: str) -> tuple[str, SignedIn]:
        """(session key for the cookie, who it is). Raises BadCredentials, TooManyAttempts."""
        login = login.strip().lower()
        keys = ((f"{login}\n{address}", self._settings.login_attempts), (address, self._settings.address_attempts))
        for key, most in keys:
            self._attempts.begin(key, most)
        row = await self._db.read(lambda connection: connection.execute(_BY_LOGIN, {"wanted": login}).mappings().first())
        fits = await self._passwords.fits(row["password_hash"] if row else None, password)
        if row is None or not fits or row["disabled"]:
            await self._db.write(lambda connection: self._note_failure(connection, row["member_id"] if row else None, address))
            raise BadCredentials
        for key, _ in keys:
            self._attempts.succeeded(key)
        member = member_from(row)
        session, csrf = make_key(), make_key()
        await self._db.write(lambda connection: self._open(connection, member, session, csrf, address))
        return session, SignedIn(member, csrf)

    async def sign_out(self, session: str) -> None:
        """Ends one session; nothing for one that is over."""
        gone = delete(staff_session).where(staff_session.c.session_hash == self._keyring.lookup_hash(session))
        await self._db.write(lambda connection: connection.execute(gone))

    async def who(self, session: str | None, authorization: str | None) -> SignedIn:
        """Whoever the cookie or the header belongs to; the header decides when both are there. Raises NotSignedIn."""
        if authorization is not None:
            return await self._of_token(authorization)
        if not session or len(session) > _LONGEST_KEY:
            raise NotSignedIn
        row = await self._db.read(
            lambda connection: connection.execute(_BY_SESSION, {"hashed": self._keyring.lookup_hash(session)}).mappings().first()
        )
        if row is None or row["disabled"] or row["expires_at"] <= self._clock.now():
            raise NotSignedIn
        return SignedIn(member_from(row), row["csrf"])

    async def _of_token(self, authorization: str) -> SignedIn:
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > _LONGEST_KEY:
            raise NotSignedIn
        row = await self._db.read(
            lambda connection: connection.execute(_BY_TOKEN, {"hashed": hash_key(token)}).mappings().first()
        )
        if row is None or row["disabled"]:
            raise NotSignedIn
        return SignedIn(member_from(row), None)

    def _open(self, connection: Connection, member: Member, session: str, csrf: str, address: str) -> None:
        now = self._clock.now()
        connection.execute(delete(staff_session).where(staff_session.c.expires_at <= now))
        row = {
            "session_hash": self._keyring.lookup_hash(session),
            "member_id": member.member_id,
            "csrf": csrf,
            "made_at": now,
            "expires_at": now + timedelta(seconds=self._settings.session_s),
        }
        connection.execute(insert(staff_session), row)
        record_action(connection, "signed_in", now, member_id=member.member_id, address=address)

    def _note_failure(self, connection: Connection, member_id: str | None, address: str) -> None:
        record_action(connection, "sign_in_failed", self._clock.now(), member_id=member_id, address=address)


def check_csrf(signed_in: SignedIn, sent: str | None) -> None:
    """A page's own calls carry its token in a header. Raises BadCsrf."""
    if signed_in.csrf is None:
        return
    if not sent or not hmac.compare_digest(signed_in.csrf.encode(), sent.encode("utf-8", "surrogatepass")):
        raise BadCsrf
