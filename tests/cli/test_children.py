"""Children: started again when they die alone, ended with their parent, untouched by the terminal's Ctrl-C."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from cli.children import Child, ChildPlan
from tests.e2e.driver import ROOT


def _plan(folder: Path, code: str) -> ChildPlan:
    return ChildPlan("child", (sys.executable, "-c", code), dict(os.environ), folder / "child.log", folder)


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    child = Child(_plan(tmp_path, "import time; time.sleep(60)"), lambda _: None)
    await child.start()
    keeper = asyncio.create_task(child.keep())
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    for _ in range(200):
        if child.pid != first:
            break
        await asyncio.sleep(0.02)
    assert child.pid != first
    assert child.restarts == 1
    await child.stop()
    await asyncio.wait_for(keeper, 5)


async def test_a_child_is_in_no_group_of_ours(tmp_path: Path) -> None:
    child = Child(_plan(tmp_path, "import time; time.sleep(60)"), lambda _: None)
    await child.start()
    assert child.pid is not None
    assert os.getpgid(child.pid) != os.getpgrp()
    await child.stop()


def test_children_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom cli.children import Child, ChildPlan\n"
        "async def main():\n"
        "    import os\n"
        "    argv = (sys.executable, '-c', 'import time; time.sleep(60)')\n"
        f"    plan = ChildPlan('c', argv, dict(os.environ), Path({str(tmp_path)!r}) / 'l', Path('.'))\n"
        "    child = Child(plan, print)\n    await child.start()\n    print(child.pid, flush=True)\n    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    ends = time.monotonic() + 5
    while _alive(pid) and time.monotonic() < ends:
        time.sleep(0.02)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] not in "ZX"
    except OSError:
        return False
