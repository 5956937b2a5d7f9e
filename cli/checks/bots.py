"""Bots on other machines: each one that is named must answer with its models loaded."""

import asyncio

import aiohttp

from cli.checks.finding import Finding, bad, ok
from cli.deployment import Deployment

_WITHIN = aiohttp.ClientTimeout(total=4, sock_connect=2)
_OK = 200


async def check_bots(deployment: Deployment) -> list[Finding]:
    """Nothing to say of bots on this machine: `up` starts them and waits for them."""
    async with aiohttp.ClientSession(timeout=_WITHIN) as session:
        return list(await asyncio.gather(*(_check(session, deployment, url) for url in deployment.settings.bot_urls)))


async def _check(session: aiohttp.ClientSession, deployment: Deployment, url: str) -> Finding:
    try:
        async with session.get(f"{url}/status") as response:
            body = await response.json(content_type=None)
            answers = response.status == _OK and isinstance(body, dict) and body.get("ready") is True
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        mend = "start it (`weiting serve bot`), and see inner_host there and bot_urls here"
        return bad("bots", f"{url} cannot be reached ({type(error).__name__})", mend)
    if not answers:
        return bad("bots", f"{url} is not ready", "see its log")
    missing = set(deployment.settings.industries) - set(body.get("models") or ())
    if missing:
        return bad("bots", f"{url} has no model of {', '.join(sorted(missing))}", "give all machines the same weiting.toml and models")
    return ok("bots", f"{url} answers")
