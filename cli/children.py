"""Child processes that die with their parent and are started again when they die alone."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_GRACE_S = 10.0
_LONGEST_PAUSE_S = 5.0
_CALM_S = 30.0


@dataclass(frozen=True)
class ChildPlan:
    """What to start, and where its output goes."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    cwd: Path


class Child:
    """One process, kept alive until told to stop."""

    def __init__(self, plan: ChildPlan, say: Callable[[str], None]) -> None:
        self.plan = plan
        self._say = say
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self.restarts = 0
        self.exit_code: int | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Starts it once; `keep` then watches it."""
        self.plan.log.parent.mkdir(parents=True, exist_ok=True)
        with self.plan.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.plan.argv,
                env=dict(self.plan.env),
                cwd=self.plan.cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(os.getpid()),
                # Ctrl-C goes to the terminal's whole group: the supervisor alone decides who ends when
                start_new_session=True,
            )

    async def keep(self) -> None:
        """Watches it, and starts it again after a pause that grows while it keeps dying."""
        pause = 0.2
        loop = asyncio.get_running_loop()
        while self._process and not self._stopping:
            began = loop.time()
            self.exit_code = await self._process.wait()
            if self._stopping:
                return
            pause = 0.2 if loop.time() - began > _CALM_S else min(pause * 2, _LONGEST_PAUSE_S)
            self.restarts += 1
            self._say(f"{self.plan.name} ended with {self.exit_code}; starting it again in {pause:.1f} s (log: {self.plan.log})")
            await asyncio.sleep(pause)
            if not self._stopping:
                await self.start()

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL after ten seconds."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(_GRACE_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def log_tail(self, lines: int = 12) -> str:
        """The end of its log, for a start that failed."""
        try:
            return "\n".join(self.plan.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


def die_with_parent(parent: int) -> Callable[[], None] | None:
    """What a new process runs before its program, so that it ends with `parent`; None where the system has no such thing."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def bind_to_parent() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        # the parent may have died before the line above
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return bind_to_parent
