"""Which process plays a part now: the children of the supervisor, known by what they were started with."""

import os
from pathlib import Path

_PROC = Path("/proc")


def find_parts(supervisor: int) -> dict[str, list[int]]:
    """core, bot, redis, sandbox → process ids. Only children of that supervisor; one that has just died is left out."""
    parts: dict[str, list[int]] = {}
    for entry in _PROC.iterdir():
        if not entry.name.isdecimal():
            continue
        pid = int(entry.name)
        if _parent(pid) != supervisor:
            continue
        part = part_of(_argv(pid))
        if part is not None:
            parts.setdefault(part, []).append(pid)
    return parts


def part_of(argv: list[str]) -> str | None:
    """The part a command line plays."""
    if argv and os.path.basename(argv[0]).startswith("redis-server"):
        return "redis"
    if "bot.engine.serve" in argv:
        return "bot"
    if argv[-2:] == ["serve", "core"]:
        return "core"
    if "sandbox" in argv:
        return "sandbox"
    return None


def _parent(pid: int) -> int | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # the name in brackets may hold anything: the fields come after the last bracket
    state, parent = stat.rpartition(")")[2].split()[:2]
    return None if state == "Z" else int(parent)


def _argv(pid: int) -> list[str]:
    try:
        raw = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    # redis-server writes its title over its arguments
    return [part for part in raw.decode(errors="replace").replace("\x00", " ").split(" ") if part]
