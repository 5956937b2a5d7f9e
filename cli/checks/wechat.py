"""WeChat, as each account sees it: reachable, and giving this account a token.

The token is asked for as the core asks (stable_token), never forced: looking ends nobody's token. It is asked for in turn with the cores
and counted as theirs.
"""

import asyncio
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from sqlalchemy.exc import DBAPIError

from cli.checks.finding import Finding, Level, bad, ok, warn
from cli.checks.wechat_account import look_at_account
from cli.deployment import LOOPBACK, Deployment
from cli.locks import sqlite_path
from cli.wechat.errcodes import explain
from cli.wechat.session import open_own_database
from connectors.wechat.account.client import address_in
from connectors.wechat.cells import DatabaseCells, read_states
from connectors.wechat.codes import code_of
from connectors.wechat.pace import start_of_day, take
from connectors.wechat.quota import LIMITS, TOKEN, Quota, counts_of
from connectors.wechat.way_out import CALLS_STATE, PACE_STATE, STOP_STATE
from runtime.clock import SHANGHAI
from runtime.database import make_engine
from runtime.errors import StorageFault
from runtime.settings import AccountSettings

_WITHIN = aiohttp.ClientTimeout(total=6, sock_connect=3)
_OFF_S = 30.0
_FAR_OFF_S = 240.0
_OK = 200
_NEAR = 0.8
_NOT_LISTED = 40164


async def check_wechat(deployment: Deployment) -> list[Finding]:
    """Each account on its own; the sandbox is asked only when it runs."""
    async with aiohttp.ClientSession(timeout=_WITHIN) as session:
        found = await asyncio.gather(*(_check(session, deployment, account) for account in deployment.settings.accounts))
    return [finding for findings in found for finding in findings]


async def _check(session: aiohttp.ClientSession, deployment: Deployment, account: AccountSettings) -> list[Finding]:
    check = f"wechat {account.key}"
    at_sandbox = account.api_base == f"http://{LOOPBACK}:{deployment.ports.sandbox}"
    wait_s = await _take_turn(deployment, account)
    if wait_s:
        said = f"a token was asked for twice within a minute; none is asked for within the next {math.ceil(wait_s)} s"
        return [warn(check, said, "run this again then"), *await asyncio.to_thread(_states, deployment, account)]
    body = {"grant_type": "client_credential", "appid": account.app_id, "secret": account.secret, "force_refresh": False}
    try:
        # the secret travels in the body, never in an address that something may log
        async with session.post(f"{account.api_base}/cgi-bin/stable_token", json=body) as response:
            answer = await response.json(content_type=None)
            date = response.headers.get("Date")
            status = response.status
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        if at_sandbox:
            return [ok(check, "speaks to the sandbox, which is not running now")]
        return [_unreachable(check, account, error), *await asyncio.to_thread(_states, deployment, account)]
    findings = [judge(check, status, answer)]
    if not at_sandbox:
        findings += _clock(check, date, datetime.now(UTC))
    if findings[0].level is Level.OK:
        findings += await look_at_account(account, answer["access_token"], at_sandbox=at_sandbox)
    return [*findings, *await asyncio.to_thread(_states, deployment, account)]


async def _take_turn(deployment: Deployment, account: AccountSettings) -> float:
    """For how many seconds none may be asked for. Who has no database shares a pace with nobody."""
    db, clock = await asyncio.to_thread(open_own_database, deployment), deployment.clock()
    if db is None:
        return 0.0
    try:
        cells, now = DatabaseCells(db), clock.now()
        wait_s = await cells.cell(account.key, PACE_STATE).change(lambda state: take(state, now, forced=False))
        if not wait_s:
            quota = Quota(cells.cell(account.key, CALLS_STATE), clock)
            quota.count(TOKEN)
            await quota.write_down()
        return wait_s
    except StorageFault:
        return 0.0
    finally:
        db.close()


def _states(deployment: Deployment, account: AccountSettings) -> list[Finding]:
    """What the processes of the account agree on: whether sending is stopped, and how many calls were made today."""
    path = sqlite_path(deployment.settings.database_url)
    if path is not None and not path.exists():
        return []
    engine = make_engine(deployment.settings.database_url)
    try:
        with engine.connect() as connection:
            states = read_states(connection, account.key)
    except DBAPIError:
        # the look at the database says what is wrong with it
        return []
    finally:
        engine.dispose()
    return judge_states(f"wechat {account.key}", states, deployment.clock().now())


def judge_states(check: str, states: Mapping[str, Mapping[str, Any]], now: datetime) -> list[Finding]:
    """A stop names its code, and when it is tried again; calls near their limit are said before WeChat says it."""
    found: list[Finding] = []
    code = states.get(STOP_STATE, {}).get("code")
    if code:
        errcode = int(code) if str(code).lstrip("-").isdigit() else 0
        why = f"errcode {code}: {code_of(errcode).meaning}" if errcode else str(code)
        again = datetime.fromtimestamp(float(states[STOP_STATE]["until"]), SHANGHAI)
        mend = explain(errcode)[1] if errcode else "see api_base and whether this machine may go out; it is tried again by itself"
        found.append(bad(check, f"nothing is sent ({why}); tried again from {again:%m-%d %H:%M:%S}", mend))
    counts = counts_of(states.get(CALLS_STATE, {}), start_of_day(now).date().isoformat())
    near = [f"{call} {counts[call]} of {most}" for call, most in LIMITS.items() if counts.get(call, 0) >= most * _NEAR]
    if near:
        found.append(warn(check, f"calls near the day's limit: {', '.join(near)}", "they are back at midnight (Beijing); see who calls"))
    elif counts:
        found.append(ok(check, f"calls today: {', '.join(f'{call} {times}' for call, times in sorted(counts.items()))}"))
    return found


def judge(check: str, status: int, answer: Any) -> Finding:
    """What the answer to stable_token means."""
    if not isinstance(answer, Mapping):
        return bad(check, f"what answers (HTTP {status}) is not WeChat", "see api_base, and whether a proxy stands between")
    if isinstance(answer.get("access_token"), str) and status == _OK:
        return ok(check, "reachable, and gives this account a token")
    code = answer.get("errcode")
    if not isinstance(code, int):
        return bad(check, f"what answers (errcode {code!r}) is not WeChat", "see api_base, and whether a proxy stands between")
    said, mend = explain(code, of_token=True)
    words = address_in(str(answer.get("errmsg", ""))) if code == _NOT_LISTED else ""
    address = f" ({words})" if words else ""
    return bad(check, f"errcode {code}: {said}{address}", mend)


def _unreachable(check: str, account: AccountSettings, error: Exception) -> Finding:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return bad(check, f"{account.api_base} has no address here", "see the machine's DNS and api_base")
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return bad(check, f"{account.api_base} shows a certificate that is not trusted here", "see the clock, the certificates, proxies")
    if isinstance(error, ValueError):
        return bad(check, f"what answers at {account.api_base} is not WeChat", "see api_base, and whether a proxy stands between")
    return bad(check, f"{account.api_base} cannot be reached ({type(error).__name__})", "let this machine out to it on TCP 443")


def _clock(check: str, date: str | None, now: datetime) -> list[Finding]:
    try:
        off = abs((now - parsedate_to_datetime(date or "")).total_seconds())
    except (ValueError, TypeError):
        return []
    said = f"this machine and {check} are {off:.0f} s apart"
    if off > _FAR_OFF_S:
        return [bad("clock", said, "let the machine keep time by NTP: callbacks are refused as stale")]
    return [warn("clock", said, "let the machine keep time by NTP") if off > _OFF_S else ok("clock", said)]
