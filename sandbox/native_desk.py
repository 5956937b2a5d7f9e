"""WeChat's own desk: sessions between subscribers and customer-service accounts, which the account's callback only hears of.

developers.weixin.qq.com/doc/service/en/guide/product/kf/forwarding.html: in a session the subscriber's messages go to the agent and not
to the callback; after 30 minutes they go to the callback again; who waits in the queue still reaches the callback. Events are never
forwarded. Chosen: an agent who is online takes who waits at once, the one with the fewest chats first, up to ten; the 30 minutes count
from the session's begin; who waits for a named agent waits for that one only.
"""

from collections.abc import Callable

from sandbox.chats import Chat, Session, Waiting
from sandbox.clock import SandboxClock
from sandbox.errors import PlatformRefusal
from sandbox.kinds import Action, event
from sandbox.platform.kf_accounts import KfAccount, KfAccounts
from sandbox.platform.kf_records import BEGUN, CLOSED, HEARD, SAID, SWITCHED, KfRecords
from sandbox.rendering import Fields

SESSION_S = 1800.0
CHATS_EACH = 10
Tell = Callable[[Chat, Action], object]


class NativeDesk:
    """Opens, moves and closes sessions. `tell` delivers an event to the account's callback."""

    def __init__(self, agents: KfAccounts, records: KfRecords, clock: SandboxClock, tell: Tell) -> None:
        self._records = records
        self._agents = agents
        self._clock = clock
        self._tell = tell
        self._held: dict[tuple[str, str], Chat] = {}

    def session_of(self, chat: Chat) -> Session | None:
        """The chat's session; one that is 30 minutes old is closed by being looked at."""
        if chat.session and self._clock.seconds() - chat.session.since >= SESSION_S:
            self._end(chat)
        return chat.session

    def sweep(self) -> None:
        """Closes what is 30 minutes old; called every second, so that nobody need look."""
        for chat in list(self._held.values()):
            self.session_of(chat)

    def transfer(self, chat: Chat, kf_account: str) -> None:
        """The account has answered transfer_customer_service; an empty name means any agent."""
        if self.session_of(chat):
            return
        now = self._clock.seconds()
        chat.waiting = Waiting(kf_account, chat.waiting.since if chat.waiting else now, now)
        self._hold(chat)
        self._note(chat, "已转接至微信客服")
        self.assign(chat.account.key)

    def assign(self, account: str) -> None:
        """Gives those who wait to agents who are online, who came first first."""
        waiting = [chat for chat in self.waiting_in(account) if chat.waiting]
        for chat in waiting:
            wanted = chat.waiting.kf_account if chat.waiting else ""
            free = [one for one in self._agents.all(account) if self._is_free(account, one) and wanted in ("", one.kf_account)]
            if free:
                self._begin(chat, min(free, key=lambda one: self.load(account, one.kf_account)))

    def waiting_in(self, account: str) -> list[Chat]:
        waiting = [(chat.waiting.since, chat) for chat in self._of(account) if chat.waiting]
        return [chat for _, chat in sorted(waiting, key=lambda one: one[0])]

    def sessions_of(self, account: str, kf_account: str) -> list[Chat]:
        return [chat for chat in self._of(account) if (session := self.session_of(chat)) and session.kf_account == kf_account]

    def load(self, account: str, kf_account: str) -> int:
        return len(self.sessions_of(account, kf_account))

    def open(self, chat: Chat, agent: KfAccount) -> None:
        """kfsession/create; raises PlatformRefusal 65402 not bound, 65415 not online, 65414 another's. The same session again is fine."""
        if not agent.worker:
            raise PlatformRefusal(65402)
        if not agent.status:
            raise PlatformRefusal(65415)
        session = self.session_of(chat)
        if session and session.kf_account != agent.kf_account:
            raise PlatformRefusal(65414)
        if session is None:
            self._begin(chat, agent)

    def close(self, chat: Chat, kf_account: str) -> None:
        """kfsession/close; raises PlatformRefusal 65413 when there is none, 65414 when it is another's."""
        session = self.session_of(chat)
        if session is None:
            raise PlatformRefusal(65413)
        if session.kf_account != kf_account:
            raise PlatformRefusal(65414)
        self._end(chat)

    def switch(self, chat: Chat, to: KfAccount) -> None:
        """An agent hands the chat to another; raises PlatformRefusal 65413, 65415."""
        session = self.session_of(chat)
        if session is None:
            raise PlatformRefusal(65413)
        if not to.status:
            raise PlatformRefusal(65415)
        chat.session = Session(to.kf_account, self._clock.seconds())
        self._record(chat, SWITCHED, "", to.kf_account)
        self._event(chat, "kf_switch_session", [("FromKfAccount", session.kf_account), ("ToKfAccount", to.kf_account)])

    def say(self, chat: Chat, agent: KfAccount, text: str) -> int:
        """An agent writes; the number of the line. Raises PlatformRefusal 65413, 65414."""
        session = self.session_of(chat)
        if session is None:
            raise PlatformRefusal(65413)
        if session.kf_account != agent.kf_account:
            raise PlatformRefusal(65414)
        chat.exchanged_at = self._clock.seconds()
        at = self._clock.now().isoformat(timespec="milliseconds")
        self._record(chat, SAID, text, agent.kf_account)
        line = chat.append("account", "kf", text, at, speaker=agent.nickname, kf_account=agent.kf_account, avatar=agent.avatar)
        return line.n

    def hear(self, chat: Chat, text: str) -> bool:
        """A subscriber has written; whether an agent reads it and the callback does not."""
        session = self.session_of(chat)
        if session:
            self._record(chat, HEARD, text, session.kf_account)
        elif chat.waiting:
            chat.waiting.latest = self._clock.seconds()
        return session is not None

    def leave(self, chat: Chat) -> None:
        """The subscriber has left the account."""
        chat.waiting = None
        self._end(chat)

    def _is_free(self, account: str, agent: KfAccount) -> bool:
        return bool(agent.status) and self.load(account, agent.kf_account) < CHATS_EACH

    def _begin(self, chat: Chat, agent: KfAccount) -> None:
        chat.waiting = None
        chat.session = Session(agent.kf_account, self._clock.seconds())
        self._hold(chat)
        self._record(chat, BEGUN, "", agent.kf_account)
        self._event(chat, "kf_create_session", [("KfAccount", agent.kf_account)])

    def _end(self, chat: Chat) -> None:
        session, chat.session = chat.session, None
        self._held.pop((chat.account.key, chat.person.openid), None)
        if session:
            self._record(chat, CLOSED, "", session.kf_account)
            self._event(chat, "kf_close_session", [("KfAccount", session.kf_account)])
            self.assign(chat.account.key)

    def _event(self, chat: Chat, name: str, fields: Fields) -> None:
        chat.touch()
        self._tell(chat, event(name, fields))

    def _record(self, chat: Chat, code: int, text: str, worker: str) -> None:
        self._records.add(chat.account.key, chat.person.openid, code, text, self._clock.seconds(), worker)

    def _note(self, chat: Chat, text: str) -> None:
        at = self._clock.now().isoformat(timespec="milliseconds")
        chat.append("platform", "notice", text, at, msg_type="transfer_customer_service")

    def _of(self, account: str) -> list[Chat]:
        return [chat for chat in list(self._held.values()) if chat.account.key == account]

    def _hold(self, chat: Chat) -> None:
        self._held[chat.account.key, chat.person.openid] = chat
