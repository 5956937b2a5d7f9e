"""All calls of WeChat's side, by path."""

from collections.abc import Mapping

from sandbox.chats import Phones
from sandbox.clock import SandboxClock
from sandbox.config import SandboxConfig
from sandbox.faults import PlatformSettings
from sandbox.native_desk import NativeDesk
from sandbox.platform.addresses import Addresses
from sandbox.platform.bubbles import Bubbles
from sandbox.platform.calls import Call
from sandbox.platform.codes import Codes
from sandbox.platform.kf_accounts import KfAccounts
from sandbox.platform.kf_records import KfRecords
from sandbox.platform.kf_sessions import KfSessions
from sandbox.platform.materials import Materials
from sandbox.platform.media import MediaStore, TemporaryMedia
from sandbox.platform.menus import Menus
from sandbox.platform.messages import Messages
from sandbox.platform.quotas import Quotas
from sandbox.platform.tags import Tags
from sandbox.platform.tokens import TokenCalls, TokenDesk
from sandbox.platform.users import Users


class Platform:
    """What WeChat keeps of its accounts, and the calls that read and change it."""

    def __init__(self, config: SandboxConfig, phones: Phones, clock: SandboxClock, settings: PlatformSettings) -> None:
        self.tokens = TokenDesk()
        self.token_calls = TokenCalls(self.tokens, clock, config.accounts)
        self.quotas = Quotas(clock, config.accounts)
        self.media = MediaStore(clock)
        self.materials = Materials(self.media, clock)
        self.bubbles = Bubbles(self.media, self.materials)
        self.menus = Menus(phones)
        self.codes = Codes(clock)
        self.tags = Tags(phones)
        self.agents = KfAccounts(self.media, clock)
        self.records = KfRecords()
        self._clock = clock
        self._phones = phones
        self._messages = Messages(phones, clock, settings, self.bubbles, self.agents, self.tags)
        self._others = (TemporaryMedia(self.media), Users(phones), Addresses(config))
        self._calls: dict[str, Call] = {}

    def open(self, desk: NativeDesk) -> None:
        """Takes up the calls; the desk comes last, because it tells the callback and so needs the postman."""
        sessions = KfSessions(self._phones, self.agents, desk)
        kept = (self.token_calls, self.quotas, self.materials, self.menus, self.codes, self.tags, self.agents, self.records)
        for group in (*kept, self._messages, sessions, *self._others):
            for call in group.calls():
                self._calls[call.path] = call
                self.quotas.know(call)

    @property
    def calls(self) -> Mapping[str, Call]:
        return self._calls

    def account_of(self, token: str) -> str:
        """The key of the account the token speaks for; raises PlatformRefusal 41001, 40014, 40001, 42001."""
        return self.tokens.check(token, self._clock.now())
