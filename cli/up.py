"""`weiting up`: the supervisor. Checks, prepares, starts the children, says one JSON line, and stops them all at the end."""

import asyncio
import contextlib
import json
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import aiohttp

from cli.children import Child, ChildPlan
from cli.deployment import LOOPBACK, ROOT, Deployment
from cli.locks import only_one
from cli.migrate import migrate
from cli.plans import child_environment, plan_bot, plan_core, plan_sandbox, write_private
from cli.redis_server import plan_redis
from cli.sandbox_menu import has_menus, show_menus
from cli.train import train
from runtime.clock import SHANGHAI
from runtime.errors import Fault, SettingsError

_READY_WITHIN_S = 120.0


class StartFailed(Fault):
    """A part did not come up; the message carries the end of its log."""


def run_up(deployment: Deployment, now: str | None, environ: Mapping[str, str], announce: Callable[[], None] | None = None) -> int:
    """Runs until SIGTERM or SIGINT; the exit code. Raises SettingsError and StartFailed.

    Bots and action server answer the core alone: another user of the machine must not read figures at a loopback port, so
    where weiting.toml names no shared secret, each start makes one.
    """
    with only_one(deployment.data):
        _check_ports(deployment)
        _set_clock(deployment, now)
        migrate(deployment)
        train(deployment)
        shared = deployment.settings.shared_secret or secrets.token_urlsafe(32)
        settings = replace(deployment.settings, shared_secret=shared)
        environ = {**environ, "WEITING_SHARED_SECRET": shared}
        return asyncio.run(_Supervisor(replace(deployment, settings=settings), environ, announce).run())


def say(line: str) -> None:
    """Progress goes to standard error: standard output carries the one JSON line."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class _Supervisor:
    def __init__(self, deployment: Deployment, environ: Mapping[str, str], announce: Callable[[], None] | None) -> None:
        self._deployment = deployment
        self._environ = environ
        self._announce = announce
        self._began = time.monotonic()
        self._children: list[Child] = []
        self._sandbox_url = f"http://{LOOPBACK}:{deployment.ports.sandbox}/api/clock"

    async def run(self) -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with AsyncExitStack() as stack:
            starting = asyncio.create_task(self._start(stack))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                starting.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await starting
                return 0
            self._say_ready(await starting)
            await stopping
            say("stopping")
        return 0

    async def _start(self, stack: AsyncExitStack) -> dict[str, Child]:
        deployment = self._deployment
        deployment.restarts_file.unlink(missing_ok=True)
        redis_url = deployment.settings.redis_url or await self._start_redis(stack)
        env = child_environment(deployment, redis_url, secrets.token_urlsafe(24), self._environ)
        plans: list[tuple[ChildPlan, str]] = []
        if deployment.settings.sandboxed:
            plans.append((plan_sandbox(deployment, env), self._sandbox_url))
        for index, port in enumerate(deployment.ports.bots(deployment.settings.bots)):
            plans.append((plan_bot(deployment, env, index), f"http://{LOOPBACK}:{port}/status"))
        plans.append((plan_core(deployment, env), f"http://{LOOPBACK}:{deployment.ports.public}/healthz"))
        children: dict[str, Child] = {}
        for plan, _ in plans:
            children[plan.name] = await self._start_child(stack, plan)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            waiting = [self._wait_ready(session, children[plan.name], url) for plan, url in plans]
            await asyncio.gather(*waiting, self._show_menus(session, children))
        return children

    async def _start_redis(self, stack: AsyncExitStack) -> str:
        plan = plan_redis()
        stack.callback(shutil.rmtree, plan.folder, ignore_errors=True)
        log = self._deployment.data / "logs" / "redis.log"
        child = await self._start_child(stack, ChildPlan("redis", plan.argv, self._environ, log, ROOT))
        socket_path = Path(plan.url.removeprefix("unix://"))
        for _ in range(200):
            if socket_path.exists():
                return plan.url
            await asyncio.sleep(0.05)
        raise StartFailed(f"redis-server did not start:\n{child.log_tail()}")

    async def _start_child(self, stack: AsyncExitStack, plan: ChildPlan) -> Child:
        child = Child(plan, self._say_restart)
        self._children.append(child)
        await child.start()
        keeper = asyncio.create_task(child.keep())
        stack.push_async_callback(_end, child, keeper)
        return child

    def _say_restart(self, line: str) -> None:
        say(line)
        with contextlib.suppress(OSError):
            restarts = {child.plan.name: child.restarts for child in self._children}
            write_private(self._deployment.restarts_file, json.dumps(restarts))

    async def _wait_ready(self, session: aiohttp.ClientSession, child: Child, url: str) -> None:
        until = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < until:
            # one that ends by itself before it was ever ready would only end again
            if child.restarts:
                raise StartFailed(f"{child.plan.name} ended with {child.exit_code}:\n{child.log_tail()}")
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.05)
        raise StartFailed(f"{child.plan.name} was not ready within {_READY_WITHIN_S:.0f} s:\n{child.log_tail()}")

    async def _show_menus(self, session: aiohttp.ClientSession, children: dict[str, Child]) -> None:
        if has_menus(self._deployment):
            await self._wait_ready(session, children["sandbox"], self._sandbox_url)
            await show_menus(self._deployment, say)

    def _say_ready(self, children: dict[str, Child]) -> None:
        ports = self._deployment.ports
        addresses = {"public": ports.public, "staff": ports.staff, "actions": ports.actions}
        if self._deployment.settings.sandboxed:
            addresses["sandbox"] = ports.sandbox
        line = {
            "ready": True,
            "seconds": round(time.monotonic() - self._began, 2),
            **{name: f"http://{LOOPBACK}:{port}" for name, port in addresses.items()},
            "bots": [f"http://{LOOPBACK}:{port}" for port in ports.bots(self._deployment.settings.bots)],
            "accounts": [one.key for one in self._deployment.settings.accounts],
            "data": str(self._deployment.data),
            "pids": {name: child.pid for name, child in children.items()},
        }
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        if self._announce:
            self._announce()


async def _end(child: Child, keeper: "asyncio.Task[None]") -> None:
    # the keeper first: one that is about to start the child again would leave it behind
    keeper.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeper
    await child.stop()


def _check_ports(deployment: Deployment) -> None:
    ports = deployment.ports
    for port in (ports.public, ports.staff, ports.sandbox, ports.actions, *ports.bots(deployment.settings.bots)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError as error:
                raise SettingsError("base_port", f"port {port} is taken; stop what uses it or choose another base with --ports") from error


def _set_clock(deployment: Deployment, now: str | None) -> None:
    offset = 0.0
    if now is not None:
        if not deployment.settings.sandboxed:
            raise SettingsError("--now", "works with the sandbox only; leave it out")
        try:
            start = datetime.fromisoformat(now)
        except ValueError as error:
            raise SettingsError("--now", f'"{now}" is no moment; write it like 2026-11-22T20:00:00+08:00') from error
        start = start if start.tzinfo else start.replace(tzinfo=SHANGHAI)
        offset = start.timestamp() - time.time()
    if deployment.settings.sandboxed:
        write_private(deployment.clock_file, json.dumps({"offset_s": offset}))
