"""`weiting doctor`: looks at everything a deployment stands on, changes nothing, and says what to do."""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict

from cli.checks.finding import Finding, Level, bad, ok
from cli.checks.registry import CHECKS, Check
from cli.deployment import Deployment
from runtime.errors import SettingsError

_WITHIN_S = 60.0


def run_doctor(load: Callable[[], Deployment], *, as_json: bool) -> int:
    """Prints a line a finding; 1 when something is bad, else 0."""
    try:
        deployment = load()
    except SettingsError as error:
        findings = [bad("settings", str(error), "mend that and run this again")]
    else:
        findings = asyncio.run(examine(deployment))
    write = _json if as_json else _line
    sys.stdout.write("".join(write(finding) + "\n" for finding in findings))
    if not as_json:
        sys.stdout.write(_summary(findings) + "\n")
    return 1 if any(finding.level is Level.BAD for finding in findings) else 0


async def examine(deployment: Deployment, checks: tuple[Check, ...] = CHECKS) -> list[Finding]:
    """All checks, each on its own: one that breaks or hangs is a finding and not the end."""
    accounts = ", ".join(one.key for one in deployment.settings.accounts)
    findings = [ok("settings", f"{deployment.config.name}, accounts {accounts}")]
    for check in checks:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        try:
            async with asyncio.timeout(_WITHIN_S):
                findings += await check(deployment)
        except TimeoutError:
            findings.append(bad(name, f"no answer within {_WITHIN_S:.0f} s", "see what holds it up"))
        except Exception as error:
            said = f"could not be looked at ({type(error).__name__}: {str(error)[:200]})"
            findings.append(bad(name, said, "mend that and run this again"))
    return findings


def _json(finding: Finding) -> str:
    return json.dumps(asdict(finding), ensure_ascii=False)


def _line(finding: Finding) -> str:
    mend = f"\n{'':23}→ {finding.mend}" if finding.mend else ""
    return f"{finding.level:<5} {finding.check:<16} {finding.said}{mend}"


def _summary(findings: list[Finding]) -> str:
    counts = {level: sum(finding.level is level for finding in findings) for level in Level}
    return f"{counts[Level.OK]} ok, {counts[Level.WARN]} to know, {counts[Level.BAD]} bad"
