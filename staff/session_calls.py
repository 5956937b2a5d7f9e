"""Signing in and out, and being here."""

from desk.model import AgentStatus
from staff.accounts import Member
from staff.api import COOKIE, Call, Reply
from staff.models import Agent, PresenceChange, SessionAnswer, SignIn
from staff.services import Services, agent_answer, viewer_of


class SessionCalls:
    """Handlers of /session and /presence."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def sign_in(self, call: Call) -> Reply:
        body: SignIn = call.body
        session, signed_in = await self._services.sessions.sign_in(body.login, body.password, call.address)
        return Reply(await self._session(signed_in.member, signed_in.csrf), cookie=session)

    async def read_session(self, call: Call) -> Reply:
        return Reply(await self._session(call.member, call.csrf))

    async def sign_out(self, call: Call) -> Reply:
        session = call.request.cookies.get(COOKIE)
        if session and call.csrf is not None:
            await self._services.sessions.sign_out(session)
        return Reply(cookie="")

    async def set_presence(self, call: Call) -> Reply:
        body: PresenceChange = call.body
        state = await self._services.desk.set_status(viewer_of(call.member), AgentStatus(body.status))
        return Reply(agent_answer(call.member, state))

    async def heartbeat(self, call: Call) -> Reply:
        await self._services.desk.heartbeat(viewer_of(call.member))
        return Reply(await self._agent(call.member))

    async def _session(self, member: Member, csrf: str | None) -> SessionAnswer:
        return SessionAnswer(agent=await self._agent(member), csrf=csrf, now=self._services.clock.now())

    async def _agent(self, member: Member) -> Agent:
        return agent_answer(member, await self._services.desk.agent(member.member_id))
