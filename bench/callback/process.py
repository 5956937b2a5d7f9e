"""Processes of a bench: started on a free port, read through /proc, ended by their own handle."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from cli.children import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_START_WITHIN_S = 30.0


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and its children, living and dead; 0 for pid 0, which stands for no process."""
    if not pid:
        return 0.0
    return sum(int(value) for one in (pid, *_children(pid)) for value in _stat(one)[11:15]) / _TICK


def rss_mib(pid: int) -> float:
    """Resident memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 2**20


def parent_of(pid: int) -> int:
    """Whose child it is."""
    return int(_stat(pid)[1])


@contextlib.contextmanager
def served(module: str, log: Path, *argv: str) -> Iterator[tuple[int, int]]:
    """`python -m MODULE PORT ARGV…` until the end; (pid, port) once it takes connections. Raises RuntimeError when it does not."""
    port = free_port()
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(port), *argv], cwd=ROOT, stdout=out, stderr=out, preexec_fn=die_with_parent(os.getpid())
        )
    try:
        until = time.monotonic() + _START_WITHIN_S
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{module} did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield process.pid, port
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """One on the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _children(pid: int) -> list[int]:
    others = (int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit())
    return [one for one in others if _stat(one)[1] == str(pid)]


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    except OSError:
        return ["0"] * 15
