"""All tests: ours and the bot's side by side (two Pythons), then the pages'. One closing line with the sums.

Ours and the bot's cannot share a process: Rasa needs Python 3.10. Any failure fails all.
"""

import json
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from defusedxml.ElementTree import parse

ROOT = Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "artifacts"
OURS = (str(ROOT / ".venv/bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider")
BOTS = (str(ROOT / "bot/.venv/bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "tests/bot", "tests/bot")


def main() -> int:
    ARTIFACTS.mkdir(exist_ok=True)
    results: dict[str, int] = {}
    bots = threading.Thread(target=lambda: results.update(bot=_pytest(BOTS, "bot", quiet=True)))
    bots.start()
    results["ours"] = _pytest(OURS, "ours", quiet=False)
    bots.join()
    _say((ARTIFACTS / "bot.log").read_text(errors="replace"))
    sums = _sum("ours") + _sum("bot")
    results["web"] = _web(sums)
    failed = sums["failed"] + sum(1 for name, code in results.items() if code and not _sum_failed(name))
    _say(f"\n{sums['passed']} passed, {failed} failed, {sums['skipped']} skipped")
    return 1 if failed or any(results.values()) else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _pytest(argv: tuple[str, ...], name: str, *, quiet: bool) -> int:
    report = ARTIFACTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [*argv, f"--junitxml={report}"]
    if not quiet:
        return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603
    with (ARTIFACTS / f"{name}.log").open("w") as log:
        return subprocess.run(command, cwd=ROOT, check=False, stdout=log, stderr=log).returncode  # noqa: S603


def _sum(name: str) -> Counter[str]:
    report = ARTIFACTS / f"{name}.xml"
    if not report.exists():
        return Counter()
    root = parse(report).getroot()
    suite = root.find("testsuite") if root is not None else None
    found = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")} if suite is not None else {}
    failed = found.get("failures", 0) + found.get("errors", 0)
    passed = found.get("tests", 0) - failed - found.get("skipped", 0)
    return Counter(passed=passed, failed=failed, skipped=found.get("skipped", 0))


def _sum_failed(name: str) -> int:
    """How many failures of a run are in the sums already: a run that broke without any still counts as one."""
    return _sum(name)["failed"] if name in ("ours", "bot") else 0


def _web(sums: Counter[str]) -> int:
    report = ARTIFACTS / "web.json"
    report.unlink(missing_ok=True)
    options = ["--reporter=default", "--reporter=json", f"--outputFile.json={report}"]
    argv = [sys.executable, "scripts/bootstrap.py", "--npm", "exec", "--", "vitest", "run", *options]
    code = subprocess.run(argv, cwd=ROOT, check=False).returncode  # noqa: S603
    if report.exists():
        found = json.loads(report.read_text())
        sums["passed"] += int(found["numPassedTests"])
        sums["failed"] += int(found["numFailedTests"])
        if found["numFailedTests"]:
            return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
